package dev.strongroom.serving.engine;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Functions of ONNX Runtime's C API, called with six words and answering one, and functions of ours
 * that it calls with two: on x86-64 and arm64 each has a register of its own, and a function does
 * not look at those that it does not take. So there is one shape for each direction; the virtual
 * machine makes the code of a shape when it is linked, which takes milliseconds of a node's start.
 */
// Calling C, and being called by it, is what this class is for.
@SuppressWarnings("restricted")
final class NativeFunction {
    private static final int MAX_WORDS = 6;
    private static final FunctionDescriptor CALLED =
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final FunctionDescriptor CALLING =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private NativeFunction() {}

    /**
     * Calls one.
     *
     * @return what it answers; anything, if it answers nothing
     */
    static long call(MemorySegment function, long... words) {
        MethodHandle handle = Linker.nativeLinker().downcallHandle(function, CALLED);
        long[] all = Arrays.copyOf(words, MAX_WORDS);
        try {
            return (long) handle.invokeExact(all[0], all[1], all[2], all[3], all[4], all[5]);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }

    /**
     * A C function that never goes away.
     *
     * @param target takes two words and answers one; nothing must be thrown by it
     */
    static MemorySegment calling(MethodHandle target) {
        return Linker.nativeLinker().upcallStub(target, CALLING, Arena.global());
    }
}

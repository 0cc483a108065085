package dev.strongroom.enclave.libc;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * A function of the C library that takes whole numbers and addresses, called with six words and
 * answering one: on x86-64 and arm64 each of them has a register of its own, and a function does
 * not look at those that it does not take. So all functions share one shape of call; the virtual
 * machine makes the code of a shape when it is linked, which takes milliseconds of every start.
 *
 * <p>Thread-safe.
 */
// Calling C is what this class is for.
@SuppressWarnings("restricted")
final class CFunction {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final FunctionDescriptor WORDS =
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final int MAX_WORDS = 6;
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET =
            CALL_STATE.byteOffset(PathElement.groupElement("errno"));

    private final String name;
    private final MethodHandle handle;

    private CFunction(String name, MethodHandle handle) {
        this.name = name;
        this.handle = handle;
    }

    static CFunction of(String name) {
        return new CFunction(name, LINKER.downcallHandle(address(name), WORDS, ERRNO));
    }

    /** One that is declared with {@code ...} after its first argument. */
    static CFunction variadic(String name) {
        var option = Linker.Option.firstVariadicArg(1);
        return new CFunction(name, LINKER.downcallHandle(address(name), WORDS, ERRNO, option));
    }

    /** The bare handle of {@code long (long, long, long, long, long, long)}: faster, no errno. */
    static MethodHandle handle(String name) {
        return LINKER.downcallHandle(address(name), WORDS);
    }

    /** Calls one that returns an {@code int}, at least 0 unless it failed. */
    int call(long... words) throws LibcException {
        return callAs(name, words);
    }

    /**
     * The same.
     *
     * @param what names the call where one function does many things
     */
    int callAs(String what, long... words) throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            int result = (int) invoke(state, words); // the other half of the word is undefined
            if (result < 0) {
                throw new LibcException(what, state.get(JAVA_INT, ERRNO_OFFSET));
            }
            return result;
        }
    }

    /** Calls one that returns a word, -1 if it failed. */
    long word(long... words) throws LibcException {
        return wordAs(name, words);
    }

    /**
     * The same.
     *
     * @param what names the call where one function does many things
     */
    long wordAs(String what, long... words) throws LibcException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            long result = invoke(state, words);
            if (result == -1) {
                throw new LibcException(what, state.get(JAVA_INT, ERRNO_OFFSET));
            }
            return result;
        }
    }

    private long invoke(MemorySegment state, long[] words) {
        long[] all = Arrays.copyOf(words, MAX_WORDS);
        try {
            return (long) handle.invokeExact(state, all[0], all[1], all[2], all[3], all[4], all[5]);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException(name, t);
        }
    }

    private static MemorySegment address(String name) {
        return LINKER.defaultLookup().findOrThrow(name);
    }
}

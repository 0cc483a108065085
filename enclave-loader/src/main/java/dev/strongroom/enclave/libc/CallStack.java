package dev.strongroom.enclave.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The part of the calling thread's stack that no call uses any more, on Linux for x86-64 (as
 * SEV-SNP is); elsewhere it is left alone. Each thread has one; where its stack ends is asked once.
 *
 * <p>Thread-safe.
 */
// Calling C is what this class is for.
@SuppressWarnings("restricted")
public final class CallStack {
    private static final boolean KNOWN = System.getProperty("os.arch").equals("amd64");

    private static final long UCONTEXT_BYTES = 2048; // 968 in glibc 2.36; more with later state
    private static final long UCONTEXT_RSP = 160; // gregs[REG_RSP] of ucontext_t
    private static final long PTHREAD_ATTR_BYTES = 56;

    /** The frames of the call that does the overwriting, interpreted ones at their largest. */
    private static final long IN_USE_BYTES = 4096;

    /** The JVM's protected pages at the far end of a thread's stack are four; a wide berth. */
    private static final long FAR_END_BYTES = 64 << 10;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle GETCONTEXT = bind("getcontext", JAVA_INT, ADDRESS);
    private static final MethodHandle PTHREAD_SELF = bind("pthread_self", JAVA_LONG);
    private static final MethodHandle PTHREAD_GETATTR =
            bind("pthread_getattr_np", JAVA_INT, JAVA_LONG, ADDRESS);
    private static final MethodHandle PTHREAD_ATTR_GETSTACK =
            bind("pthread_attr_getstack", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle PTHREAD_ATTR_DESTROY =
            bind("pthread_attr_destroy", JAVA_INT, ADDRESS);
    private static final MethodHandle MEMSET =
            bind("memset", ADDRESS, ADDRESS, JAVA_INT, JAVA_LONG);

    private static final ThreadLocal<CallStack> CURRENT = ThreadLocal.withInitial(CallStack::new);

    private final long lowest;
    private final MemorySegment context;

    private CallStack() {
        try (var arena = Arena.ofConfined()) {
            this.lowest = lowestAddress(arena) + FAR_END_BYTES;
        }
        this.context = Arena.ofAuto().allocate(UCONTEXT_BYTES, 16);
    }

    /**
     * Overwrites what calls that returned left below the current frame.
     *
     * @param bytes how far down; less is done where the stack ends earlier
     */
    public static void wipeUnused(long bytes) {
        if (KNOWN) {
            current().wipe(bytes);
        }
    }

    /** A virtual thread stands on the stack of whichever thread carries it. */
    private static CallStack current() {
        return Thread.currentThread().isVirtual() ? new CallStack() : CURRENT.get();
    }

    private void wipe(long bytes) {
        try {
            int zero = (int) GETCONTEXT.invokeExact(context);
            long highest = context.get(JAVA_LONG, UCONTEXT_RSP) - IN_USE_BYTES;
            long from = Math.max(lowest, highest - bytes);
            if (zero == 0 && from < highest) {
                var ignored =
                        (MemorySegment)
                                MEMSET.invokeExact(
                                        MemorySegment.ofAddress(from), 0, highest - from);
            }
        } catch (Throwable t) {
            throw new IllegalStateException("the stack cannot be overwritten", t);
        }
    }

    private static long lowestAddress(Arena arena) {
        MemorySegment attributes = arena.allocate(PTHREAD_ATTR_BYTES, 8);
        MemorySegment lowest = arena.allocate(ADDRESS);
        MemorySegment size = arena.allocate(JAVA_LONG);
        try {
            long self = (long) PTHREAD_SELF.invokeExact();
            int code = (int) PTHREAD_GETATTR.invokeExact(self, attributes);
            if (code != 0) {
                throw new LibcException("pthread_getattr_np", code);
            }
            code = (int) PTHREAD_ATTR_GETSTACK.invokeExact(attributes, lowest, size);
            int destroyed = (int) PTHREAD_ATTR_DESTROY.invokeExact(attributes);
            if (code != 0 || destroyed != 0) {
                throw new LibcException("pthread_attr_getstack", code);
            }
            return lowest.get(JAVA_LONG, 0);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException("the stack's end cannot be found", t);
        }
    }

    private static MethodHandle bind(String name, ValueLayout result, ValueLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }
}

package dev.strongroom.enclave.libc;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The part of the calling thread's stack that no call uses any more, on Linux for x86-64 (as
 * SEV-SNP is); elsewhere it is left alone. Each thread has one; where its stack ends is asked once.
 *
 * <p>Thread-safe.
 */
public final class CallStack {
    private static final boolean KNOWN = System.getProperty("os.arch").equals("amd64");

    private static final long UCONTEXT_BYTES = 2048; // 968 in glibc 2.36; more with later state
    private static final long UCONTEXT_RSP = 160; // gregs[REG_RSP] of ucontext_t
    private static final long PTHREAD_ATTR_BYTES = 56;

    /** The frames of the call that does the overwriting, interpreted ones at their largest. */
    private static final long IN_USE_BYTES = 4096;

    /** The JVM's protected pages at the far end of a thread's stack are four; a wide berth. */
    private static final long FAR_END_BYTES = 64 << 10;

    private static final MethodHandle GETCONTEXT = CFunction.handle("getcontext");
    private static final MethodHandle PTHREAD_SELF = CFunction.handle("pthread_self");
    private static final MethodHandle PTHREAD_GETATTR = CFunction.handle("pthread_getattr_np");
    private static final MethodHandle PTHREAD_ATTR_GETSTACK =
            CFunction.handle("pthread_attr_getstack");
    private static final MethodHandle PTHREAD_ATTR_DESTROY =
            CFunction.handle("pthread_attr_destroy");
    private static final MethodHandle MEMSET = CFunction.handle("memset");

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
            long zero = (long) GETCONTEXT.invokeExact(context.address(), 0L, 0L, 0L, 0L, 0L);
            long highest = context.get(JAVA_LONG, UCONTEXT_RSP) - IN_USE_BYTES;
            long from = Math.max(lowest, highest - bytes);
            if ((int) zero == 0 && from < highest) {
                long ignored = (long) MEMSET.invokeExact(from, 0L, highest - from, 0L, 0L, 0L);
            }
        } catch (Throwable t) {
            throw new IllegalStateException("the stack cannot be overwritten", t);
        }
    }

    private static long lowestAddress(Arena arena) {
        long attributes = arena.allocate(PTHREAD_ATTR_BYTES, 8).address();
        MemorySegment lowest = arena.allocate(JAVA_LONG);
        long size = arena.allocate(JAVA_LONG).address();
        try {
            long self = (long) PTHREAD_SELF.invokeExact(0L, 0L, 0L, 0L, 0L, 0L);
            require(
                    "pthread_getattr_np",
                    (long) PTHREAD_GETATTR.invokeExact(self, attributes, 0L, 0L, 0L, 0L));
            long found =
                    (long)
                            PTHREAD_ATTR_GETSTACK.invokeExact(
                                    attributes, lowest.address(), size, 0L, 0L, 0L);
            long destroyed =
                    (long) PTHREAD_ATTR_DESTROY.invokeExact(attributes, 0L, 0L, 0L, 0L, 0L);
            require("pthread_attr_getstack", found);
            require("pthread_attr_destroy", destroyed);
            return lowest.get(JAVA_LONG, 0);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException("the stack's end cannot be found", t);
        }
    }

    private static void require(String call, long answer) throws LibcException {
        int code = (int) answer; // the other half of the word is undefined
        if (code != 0) {
            throw new LibcException(call, code);
        }
    }
}

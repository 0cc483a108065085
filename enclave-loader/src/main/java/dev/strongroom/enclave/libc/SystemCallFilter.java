package dev.strongroom.enclave.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * A seccomp filter over every thread of this process, for good: the {@link DeniedCall calls} on the
 * list answer EPERM, and so does making the process dumpable again. It takes the right to gain
 * privileges away first, as the kernel demands.
 *
 * <p>For Linux on x86-64, as SEV-SNP and TDX are; elsewhere it refuses. Thread-safe.
 */
// Calling C is what this class is for.
@SuppressWarnings("restricted")
public final class SystemCallFilter {
    private static final boolean KNOWN = System.getProperty("os.arch").equals("amd64");

    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final long SYS_SECCOMP = 317;
    private static final long SECCOMP_SET_MODE_FILTER = 1;
    private static final long SECCOMP_FILTER_FLAG_TSYNC = 1;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle PRCTL =
            variadic("prctl", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SYSCALL =
            variadic("syscall", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS);

    private SystemCallFilter() {}

    /**
     * Puts the filter over all threads, those to come included.
     *
     * @throws LibcException if the kernel or this processor's architecture does not take it
     */
    public static void install() throws LibcException {
        if (!KNOWN) {
            throw new LibcException("seccomp(x86-64 only)", LibcException.ENOSYS);
        }
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CALL_STATE);
            if ((int) PRCTL.invokeExact(state, PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0) {
                throw new LibcException("prctl(PR_SET_NO_NEW_PRIVS)", errno(state));
            }
            MemorySegment program = FilterProgram.denying(DeniedCall.values()).write(arena);
            long result =
                    (long)
                            SYSCALL.invokeExact(
                                    state,
                                    SYS_SECCOMP,
                                    SECCOMP_SET_MODE_FILTER,
                                    SECCOMP_FILTER_FLAG_TSYNC,
                                    program);
            if (result != 0) { // above 0: the thread that could not be brought along
                throw new LibcException("seccomp", errno(state));
            }
        } catch (Throwable t) {
            throw Libc.rethrow(t);
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    private static MethodHandle variadic(
            String name, ValueLayout result, ValueLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
    }
}

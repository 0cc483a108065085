package dev.strongroom.enclave.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A seccomp filter over every thread of this process, for good: the {@link DeniedCall calls} on the
 * list answer EPERM, and so does making the process dumpable again. It takes the right to gain
 * privileges away first, as the kernel demands.
 *
 * <p>For Linux on x86-64, as SEV-SNP and TDX are; elsewhere it refuses. Thread-safe.
 */
public final class SystemCallFilter {
    private static final boolean KNOWN = System.getProperty("os.arch").equals("amd64");

    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final long SYS_SECCOMP = 317;
    private static final long SECCOMP_SET_MODE_FILTER = 1;
    private static final long SECCOMP_FILTER_FLAG_TSYNC = 1;

    private static final CFunction PRCTL = CFunction.variadic("prctl");
    private static final CFunction SYSCALL = CFunction.variadic("syscall");

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
        PRCTL.callAs("prctl(PR_SET_NO_NEW_PRIVS)", PR_SET_NO_NEW_PRIVS, 1);
        try (var arena = Arena.ofConfined()) {
            MemorySegment program = FilterProgram.denying(DeniedCall.values()).write(arena);
            long result =
                    SYSCALL.wordAs(
                            "seccomp",
                            SYS_SECCOMP,
                            SECCOMP_SET_MODE_FILTER,
                            SECCOMP_FILTER_FLAG_TSYNC,
                            program.address());
            if (result != 0) {
                throw new LibcException("seccomp(thread " + result + ")", LibcException.EINVAL);
            }
        }
    }
}

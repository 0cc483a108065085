package dev.strongroom.enclave.libc;

/** A call into the C library failed; says which one and with what error number. */
public final class LibcException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int EPERM = 1;
    private static final int EAGAIN = 11;
    private static final int ENOMEM = 12;
    static final int EINVAL = 22;
    static final int ENOSYS = 38;

    private final String call;

    LibcException(String call, int errno) {
        super(call + " failed: " + describe(errno));
        this.call = call;
    }

    /** The call as the manual names it, for example {@code mlock}. */
    public String call() {
        return call;
    }

    private static String describe(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM, not permitted";
            case EAGAIN -> "EAGAIN, over a limit";
            case ENOMEM -> "ENOMEM, not enough memory or over a limit";
            case EINVAL -> "EINVAL, not supported by this kernel";
            case ENOSYS -> "ENOSYS, not known to this machine";
            default -> "errno " + errno;
        };
    }
}

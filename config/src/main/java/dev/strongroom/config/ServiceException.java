package dev.strongroom.config;

/** Why a service does not start, and what to do about it. */
public final class ServiceException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What the process exits with. */
    public enum Exit {
        LOCAL(1),
        INTEGRITY(5);

        private final int code;

        Exit(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    private final Exit exit;

    public ServiceException(Exit exit, String message) {
        super(message);
        this.exit = exit;
    }

    public ServiceException(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    public Exit exit() {
        return exit;
    }
}

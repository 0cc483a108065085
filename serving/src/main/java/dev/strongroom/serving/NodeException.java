package dev.strongroom.serving;

/** A node that does not start: the process ends with the exit code of its kind. */
public final class NodeException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Exit codes; they are documented and never reused. */
    public enum Exit {
        /** The command line, the configuration or this machine is at fault. */
        LOCAL(1),
        /** The vault does not answer or failed. */
        UNREACHABLE(2),
        NOT_FOUND(3),
        /** The vault refuses, or this process is not fit to hold plaintext. */
        DENIED(4),
        /** Something is not what was signed. */
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

    NodeException(Exit exit, String message) {
        super(message);
        this.exit = exit;
    }

    NodeException(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    public Exit exit() {
        return exit;
    }
}

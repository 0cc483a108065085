package dev.strongroom.vault.refusal;

/**
 * The vault does not start. The message says what is wrong, why and the next step; the exit code
 * tells scripts which kind of trouble it is.
 */
public final class StartupException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Exit codes of the vault's process. */
    public enum Exit {
        USAGE(1),
        OTHER(2),
        TOKEN_NOT_FOUND(3),
        DENIED(4),
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

    public StartupException(Exit exit, String message) {
        super(message);
        this.exit = exit;
    }

    public StartupException(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    public Exit exit() {
        return exit;
    }
}

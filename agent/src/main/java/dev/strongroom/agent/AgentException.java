package dev.strongroom.agent;

/** Why an agent does not start, and what to do about it. */
final class AgentException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What the process exits with. */
    enum Exit {
        LOCAL(1),
        INTEGRITY(5);

        private final int code;

        Exit(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    private final Exit exit;

    AgentException(Exit exit, String message) {
        super(message);
        this.exit = exit;
    }

    AgentException(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    Exit exit() {
        return exit;
    }
}

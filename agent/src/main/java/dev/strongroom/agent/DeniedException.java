package dev.strongroom.agent;

/** What a caller is told of a refusal. */
final class DeniedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of no it is. */
    enum Kind {
        /** A rule refused; the log has it. */
        REFUSED,
        /** This peer asks or fails too often; nothing was looked at or written. */
        TOO_MANY,
        /** The agent could not write its decision down. */
        FAILED
    }

    private final Kind kind;

    DeniedException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}

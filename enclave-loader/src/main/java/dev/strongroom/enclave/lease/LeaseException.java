package dev.strongroom.enclave.lease;

/** A node did not get, or must not use, a model. The message says what to do next. */
public final class LeaseException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of no it is. */
    public enum Kind {
        /** Nobody answers at the vault's address, or it is not in order. */
        UNREACHABLE,
        /** The vault has no such model or version. */
        NOT_FOUND,
        /** The vault, or a policy, says no. */
        DENIED,
        /** The vault says: later. */
        BUSY,
        /** Something is not what its owner or the vault signed. */
        INTEGRITY
    }

    private final Kind kind;

    public LeaseException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public LeaseException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}

package dev.strongroom.vault.refusal;

import java.util.Map;

/**
 * A request that the vault refuses. The message goes to the caller: what, why and the next step,
 * never a path, a key or bytes; the cause stays in the log.
 */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final transient Map<String, String> details;

    public RefusedException(Reason reason, String message) {
        this(reason, message, Map.of());
    }

    /** With machine-readable details beside the reason, for example which rule refused. */
    public RefusedException(Reason reason, String message, Map<String, String> details) {
        super(message);
        this.reason = reason;
        this.details = Map.copyOf(details);
    }

    /** With a cause for the log. */
    public RefusedException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.details = Map.of();
    }

    /** With both. */
    public RefusedException(
            Reason reason, String message, Map<String, String> details, Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.details = Map.copyOf(details);
    }

    public Reason reason() {
        return reason;
    }

    public Map<String, String> details() {
        return details;
    }
}

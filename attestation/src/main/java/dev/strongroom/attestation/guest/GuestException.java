package dev.strongroom.attestation.guest;

/** The platform gave no usable evidence. The message says which step failed and what to check. */
public final class GuestException extends Exception {
    private static final long serialVersionUID = 1L;

    public GuestException(String message) {
        super(message);
    }

    public GuestException(String message, Throwable cause) {
        super(message, cause);
    }
}

package dev.strongroom.attestation.nvidia;

/**
 * Bytes that are not a signed reference integrity manifest, or one that nobody vouches for. The
 * message says what was expected, never what the bytes were.
 */
public final class RimFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    RimFormatException(String message) {
        super(message);
    }
}

package dev.strongroom.crypto.format;

/**
 * Bytes that are not what they claim to be: malformed, of another version, not authentic, or out of
 * place. The message says what, where and what was expected; it never holds input bytes.
 */
public final class SealedFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    public SealedFormatException(String message) {
        super(message);
    }

    public SealedFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}

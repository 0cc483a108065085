package dev.strongroom.attestation.nitro;

/**
 * Bytes that are not a signed attestation document. The message says which field and what was
 * expected, never what the bytes were.
 */
public final class NitroFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    NitroFormatException(String message) {
        super(message);
    }
}

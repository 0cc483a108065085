package dev.strongroom.attestation.encoding;

/** Bytes that are not the canonical encoding they claim to be. The message never holds input. */
public final class MalformedEncodingException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedEncodingException(String message) {
        super(message);
    }
}

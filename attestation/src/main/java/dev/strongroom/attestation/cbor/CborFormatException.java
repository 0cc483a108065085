package dev.strongroom.attestation.cbor;

/** Bytes that are no CBOR item of the kind we read. The message never holds input. */
public final class CborFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    public CborFormatException(String message) {
        super(message);
    }
}

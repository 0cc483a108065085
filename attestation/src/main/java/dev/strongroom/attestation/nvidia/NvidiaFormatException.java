package dev.strongroom.attestation.nvidia;

/**
 * Bytes that are not a measurement report. The message says which field and what was expected,
 * never what the bytes were.
 */
public final class NvidiaFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    NvidiaFormatException(String message) {
        super(message);
    }
}

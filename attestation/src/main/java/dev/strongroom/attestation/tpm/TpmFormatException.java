package dev.strongroom.attestation.tpm;

/**
 * Bytes that are not the TPM structure they should be. The message says which field and what was
 * expected, never what the bytes were.
 */
public final class TpmFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    TpmFormatException(String message) {
        super(message);
    }
}

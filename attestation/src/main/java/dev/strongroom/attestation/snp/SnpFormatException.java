package dev.strongroom.attestation.snp;

/**
 * Bytes that are not an attestation report of a known version. The message says which field and
 * what was expected, never what the bytes were.
 */
public final class SnpFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    SnpFormatException(String message) {
        super(message);
    }
}

package dev.strongroom.attestation.azure;

/**
 * Bytes that are not the part of Azure's evidence that they should be. The message says which field
 * and what was expected, never what the bytes were.
 */
public final class AzureFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    AzureFormatException(String message) {
        super(message);
    }
}

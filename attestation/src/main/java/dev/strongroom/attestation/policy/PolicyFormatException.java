package dev.strongroom.attestation.policy;

/** Bytes that are no release policy. The message says where and what was expected. */
public final class PolicyFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    PolicyFormatException(String message) {
        super(message);
    }
}

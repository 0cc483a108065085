package dev.strongroom.attestation.tpm;

/**
 * What a TPM lets be done with a key (TPMA_OBJECT, TPM 2.0 Part 2, 8.3).
 *
 * @param bits as in the public area
 */
record KeyAttributes(int bits) {
    static final int FIXED_TPM = 1 << 1;
    static final int FIXED_PARENT = 1 << 4;
    static final int SENSITIVE_DATA_ORIGIN = 1 << 5;
    static final int RESTRICTED = 1 << 16;
    static final int DECRYPT = 1 << 17;
    static final int SIGN = 1 << 18;

    /** Bits 0, 3, 12 to 15 and 20 on have no meaning yet. */
    private static final int RESERVED = ~0 << 20 | 0xF << 12 | 1 << 3 | 1;

    private static final int ATTESTATION_KEY =
            FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN | RESTRICTED | SIGN;

    static KeyAttributes of(int bits, TpmReader in) throws TpmFormatException {
        if ((bits & RESERVED) != 0) {
            throw in.malformed("objectAttributes: reserved bits, expected zero");
        }
        return new KeyAttributes(bits);
    }

    /**
     * Whether the TPM made the key, never lets it out, and signs with it only what the TPM itself
     * made: without {@code restricted} anybody beside the TPM could have it sign a made-up quote.
     */
    boolean isAttestationKey() {
        return (bits & ATTESTATION_KEY) == ATTESTATION_KEY && (bits & DECRYPT) == 0;
    }

    /** Whether the key protects others and stays in its TPM: an endorsement key. */
    boolean isStorageKey() {
        int required = FIXED_TPM | FIXED_PARENT | RESTRICTED | DECRYPT;
        return (bits & required) == required && (bits & SIGN) == 0;
    }
}

package dev.strongroom.attestation.tpm;

/**
 * How an attestation key signs.
 *
 * @param algorithm padding or curve arithmetic
 * @param hash of the message, and of the register values in a quote
 */
record SignatureScheme(Algorithm algorithm, HashAlgorithm hash) {
    /** TPM_ALG_ID of the schemes that sign quotes with a public key. */
    enum Algorithm {
        RSASSA(0x0014),
        RSAPSS(0x0016),
        ECDSA(0x0018);

        private final int id;

        Algorithm(int id) {
            this.id = id;
        }

        int id() {
            return id;
        }
    }

    /** Reads the hash of a scheme whose algorithm was read before. */
    static SignatureScheme read(Algorithm algorithm, TpmReader in) throws TpmFormatException {
        HashAlgorithm hash =
                HashAlgorithm.ofId(in.u16("scheme hash"))
                        .orElseThrow(
                                () -> in.malformed("scheme hash: expected a known hash algorithm"));
        return new SignatureScheme(algorithm, hash);
    }
}

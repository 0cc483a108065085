package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import java.math.BigInteger;
import java.util.Optional;

/**
 * A signature over a quote: a TPMT_SIGNATURE as the TPM gives it, or plain as tools write it, which
 * is DER for ECDSA and the bare number for RSA. Parsed is not verified.
 */
sealed interface TpmSignature {
    int MAX_BYTES = 1024; // RSA-4096 has 512
    int MAX_SCALAR_BYTES = 66; // P-521

    /** What the signature itself says about how it was made; plain ones say nothing. */
    Optional<SignatureScheme> scheme();

    /** RSA: the signature as a number of the modulus's length. */
    record Rsa(Optional<SignatureScheme> scheme, byte[] value) implements TpmSignature {}

    /** ECDSA. */
    record Ec(Optional<SignatureScheme> scheme, BigInteger r, BigInteger s)
            implements TpmSignature {}

    /**
     * Reads either form. What is neither a whole TPMT_SIGNATURE nor DER is taken for a plain RSA
     * signature, whose bytes have no structure.
     *
     * @throws TpmFormatException if it is empty or too long
     */
    static TpmSignature parse(byte[] bytes) throws TpmFormatException {
        if (bytes.length == 0 || bytes.length > MAX_BYTES) {
            throw new TpmFormatException("signature: expected 1 to " + MAX_BYTES + " bytes");
        }
        return EcdsaDer.read(bytes)
                .or(() -> tpmt(bytes))
                .orElseGet(() -> new Rsa(Optional.empty(), bytes.clone()));
    }

    private static Optional<TpmSignature> tpmt(byte[] bytes) {
        try {
            var in = TpmReader.bigEndian(bytes, "signature");
            int id = in.u16("sigAlg");
            for (Algorithm algorithm : Algorithm.values()) {
                if (algorithm.id() == id) {
                    return Optional.of(readValue(SignatureScheme.read(algorithm, in), in));
                }
            }
            return Optional.empty();
        } catch (TpmFormatException e) {
            return Optional.empty(); // three in 65536 plain RSA signatures begin like one
        }
    }

    private static TpmSignature readValue(SignatureScheme scheme, TpmReader in)
            throws TpmFormatException {
        TpmSignature signature =
                scheme.algorithm() == Algorithm.ECDSA
                        ? new Ec(
                                Optional.of(scheme),
                                new BigInteger(1, in.sized("signatureR", MAX_SCALAR_BYTES)),
                                new BigInteger(1, in.sized("signatureS", MAX_SCALAR_BYTES)))
                        : new Rsa(Optional.of(scheme), in.sized("sig", MAX_BYTES));
        in.end();
        return signature;
    }
}

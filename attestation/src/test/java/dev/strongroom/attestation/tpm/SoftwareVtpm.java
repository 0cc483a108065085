package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import java.security.interfaces.RSAPublicKey;

/** A software TPM as Azure's: an RSA key known only by its modulus, plain signatures. */
public final class SoftwareVtpm {
    private final SoftwareTpm tpm = SoftwareTpm.rsa(Algorithm.RSASSA, HashAlgorithm.SHA256);

    /** A TPM with a new key. */
    public SoftwareVtpm() {}

    /** The attestation key. */
    public RSAPublicKey key() {
        return (RSAPublicKey) tpm.pair().getPublic();
    }

    /** The public area (TPMT_PUBLIC) of the key as a TPM keeps it. */
    public byte[] area() {
        return tpm.area();
    }

    /** The same of a key that would sign what anybody made up. */
    public byte[] unrestrictedArea() {
        return tpm.withAttributes(SoftwareTpm.ATTESTATION_KEY & ~KeyAttributes.RESTRICTED).area();
    }

    /** A quote over registers 0, 4 and 7 that speaks for this report data. */
    public TpmEvidence evidence(byte[] reportData) {
        var registers = SoftwareTpm.sha256(0, 4, 7).toArray(SoftwareTpm.Register[]::new);
        byte[] quote = tpm.quote(TpmQuote.qualifyingData(reportData), registers);
        return new TpmEvidence(
                quote,
                tpm.signPlain(quote),
                new byte[0],
                SoftwareTpm.values(registers),
                new byte[0]);
    }
}

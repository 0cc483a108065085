package dev.strongroom.attestation.nitro;

import dev.strongroom.attestation.Digest;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Optional;

/**
 * The certificate that an enclave image was signed with, found by its measurement: PCR8 is SHA-384
 * of 48 zero bytes and the SHA-384 of the certificate (AWS, "Cryptographic attestation"). Nobody
 * vouches for the certificate, and nobody needs to: it says whose image was started, as the host
 * data of other platforms does.
 */
final class SigningCertificate {
    private static final int PCR8 = 8;

    private SigningCertificate() {}

    /**
     * SHA-256 of the SubjectPublicKeyInfo of the certificate that PCR8 measures, if it is there.
     */
    static Optional<Digest> ownerId(NitroDocument document, List<byte[]> certificates) {
        byte[] measured = document.pcrs().getOrDefault(PCR8, new byte[0]);
        return certificates.stream()
                .filter(der -> MessageDigest.isEqual(pcr8(der), measured))
                .findFirst()
                .flatMap(SigningCertificate::publicKeyDigest);
    }

    /** What the hypervisor puts into PCR8 for a certificate, DER. */
    static byte[] pcr8(byte[] certificate) {
        MessageDigest sha384 = sha384();
        byte[] digest = sha384.digest(certificate);
        sha384.update(new byte[NitroDocument.PCR_BYTES]);
        return sha384.digest(digest);
    }

    private static Optional<Digest> publicKeyDigest(byte[] der) {
        try {
            var certificate =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
            return Optional.of(Digest.sha256(certificate.getPublicKey().getEncoded()));
        } catch (CertificateException e) {
            return Optional.empty(); // measured, but it names no key
        }
    }

    private static MessageDigest sha384() {
        try {
            return MessageDigest.getInstance("SHA-384");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-384", e);
        }
    }
}

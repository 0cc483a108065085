package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.SignedDer;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A certificate in the one shape that Intel's have: DER in its only spelling, a P-256 key,
 * ecdsa-with-SHA256.
 *
 * @param x509 as the JDK reads it
 * @param fingerprint SHA-256 of the whole certificate
 */
record IntelCertificate(X509Certificate x509, Digest fingerprint) {
    static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";

    /** Roles by common name; Intel issues all of them under one root. */
    enum Role {
        ROOT("Intel SGX Root CA"),
        PLATFORM_CA("Intel SGX PCK Platform CA"),
        PROCESSOR_CA("Intel SGX PCK Processor CA"),
        PCK("Intel SGX PCK Certificate"),
        TCB_SIGNER("Intel SGX TCB Signing");

        private final String commonName;

        Role(String commonName) {
            this.commonName = commonName;
        }

        boolean isAuthority() {
            return this == ROOT || this == PLATFORM_CA || this == PROCESSOR_CA;
        }
    }

    private static final int DIGITAL_SIGNATURE = 0; // indexes in the KeyUsage bits
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;

    /** Reads a certificate; nothing about it is verified. */
    static Optional<IntelCertificate> parse(byte[] der) {
        if (!SignedDer.isCanonicalCertificate(der)) {
            return Optional.empty();
        }
        try {
            var in = new ByteArrayInputStream(der);
            var x509 =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509").generateCertificate(in);
            return Optional.of(new IntelCertificate(x509, Digest.sha256(der)));
        } catch (CertificateException e) {
            return Optional.empty();
        }
    }

    String name() {
        return x509.getSubjectX500Principal().getName();
    }

    Optional<Role> role() {
        String commonName =
                Arrays.stream(name().split(",", -1))
                        .filter(part -> part.startsWith("CN="))
                        .map(part -> part.substring("CN=".length()))
                        .findFirst()
                        .orElse("");
        return Arrays.stream(Role.values())
                .filter(role -> role.commonName.equals(commonName))
                .findFirst();
    }

    boolean names(IntelCertificate issuer) {
        return x509.getIssuerX500Principal().equals(issuer.x509.getSubjectX500Principal());
    }

    boolean isValidAt(Instant now) {
        return !now.isBefore(x509.getNotBefore().toInstant())
                && !now.isAfter(x509.getNotAfter().toInstant());
    }

    /** Whether key, key usage and basic constraints are what this role's are. */
    boolean hasKeyFor(Role role) {
        boolean[] usage = x509.getKeyUsage();
        return EcKeys.isP256(x509.getPublicKey())
                && usage != null
                && role.isAuthority() == (x509.getBasicConstraints() >= 0)
                && (role.isAuthority()
                        ? usage[KEY_CERT_SIGN] && usage[CRL_SIGN]
                        : usage[DIGITAL_SIGNATURE]);
    }

    boolean isSignedBy(IntelCertificate issuer) {
        try {
            return ECDSA_WITH_SHA256.equals(x509.getSigAlgOID())
                    && x509.getSigAlgParams() == null
                    && EcKeys.verifiesDer(
                            issuer.x509.getPublicKey(),
                            x509.getTBSCertificate(),
                            x509.getSignature());
        } catch (CertificateException e) {
            return false;
        }
    }

    /** Whether {@code path}, leaf first, is one of RFC 5280 under this root; revocation apart. */
    boolean isRootOf(List<IntelCertificate> path, Instant now) {
        try {
            var certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertPath(path.stream().map(IntelCertificate::x509).toList());
            var parameters = new PKIXParameters(Set.of(new TrustAnchor(x509, null)));
            parameters.setRevocationEnabled(false); // RevocationLists does it, and fails closed
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX").validate(certificates, parameters);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}

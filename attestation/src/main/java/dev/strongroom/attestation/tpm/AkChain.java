package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.Digest;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An attestation key's certificate with a path of RFC 5280 to a believed root, by the JDK.
 *
 * @param key the certified key
 * @param root SHA-256 of the whole root certificate
 */
record AkChain(PublicKey key, Digest root) {
    private static final String AK_CERTIFICATE =
            "2.23.133.8.3"; // tcg-kp-AIKCertificate (TCG Credential Profile for TPM Family 2.0)
    private static final int MAX_INTERMEDIATES = 4;

    /** Certificates come in any order; the only one for attestation is the key's. */
    static AkChain verify(AkTrust.Certified trust, List<byte[]> encoded, Instant now)
            throws TpmRefusal {
        List<X509Certificate> certificates = parse(encoded);
        X509Certificate leaf = leaf(certificates);
        PKIXCertPathBuilderResult path = path(trust, leaf, certificates, now);
        return new AkChain(
                leaf.getPublicKey(), fingerprint(path.getTrustAnchor().getTrustedCert()));
    }

    private static List<X509Certificate> parse(List<byte[]> encoded) throws TpmRefusal {
        var certificates = new ArrayList<X509Certificate>();
        try {
            var factory = CertificateFactory.getInstance("X.509");
            for (byte[] der : encoded) {
                certificates.add(
                        (X509Certificate)
                                factory.generateCertificate(new ByteArrayInputStream(der)));
            }
        } catch (CertificateException e) {
            throw new TpmRefusal("tpm.ak.certificates", "certificate: expected X.509, DER");
        }
        return certificates;
    }

    private static X509Certificate leaf(List<X509Certificate> certificates) throws TpmRefusal {
        var leaves = new ArrayList<X509Certificate>();
        for (X509Certificate certificate : certificates) {
            if (certificate.getBasicConstraints() < 0
                    && usages(certificate).contains(AK_CERTIFICATE)) {
                leaves.add(certificate);
            }
        }
        if (leaves.size() != 1) {
            throw new TpmRefusal(
                    "tpm.ak.certificates",
                    "expected one certificate for attestation (extended key usage "
                            + AK_CERTIFICATE
                            + "), got "
                            + leaves.size());
        }
        return leaves.getFirst();
    }

    private static List<String> usages(X509Certificate certificate) throws TpmRefusal {
        try {
            List<String> usages = certificate.getExtendedKeyUsage();
            return usages == null ? List.of() : usages;
        } catch (CertificateException e) {
            throw new TpmRefusal("tpm.ak.certificates", "extended key usage: expected DER");
        }
    }

    private static PKIXCertPathBuilderResult path(
            AkTrust.Certified trust,
            X509Certificate leaf,
            List<X509Certificate> certificates,
            Instant now)
            throws TpmRefusal {
        Set<TrustAnchor> anchors = anchors(trust, certificates);
        var target = new X509CertSelector();
        target.setCertificate(leaf);
        try {
            var parameters = new PKIXBuilderParameters(anchors, target);
            parameters.setMaxPathLength(MAX_INTERMEDIATES);
            parameters.setDate(Date.from(now));
            parameters.addCertStore(store(certificates));
            parameters.addCertStore(store(trust.revocationLists()));
            var builder = CertPathBuilder.getInstance("PKIX");
            parameters.setRevocationEnabled(false);
            if (!trust.revocationLists().isEmpty()) {
                var revocation = (PKIXRevocationChecker) builder.getRevocationChecker();
                revocation.setOptions(
                        EnumSet.of(
                                PKIXRevocationChecker.Option.PREFER_CRLS,
                                PKIXRevocationChecker.Option.NO_FALLBACK));
                parameters.addCertPathChecker(revocation);
            }
            return (PKIXCertPathBuilderResult) builder.build(parameters);
        } catch (GeneralSecurityException e) {
            throw new TpmRefusal(
                    "tpm.ak.chain",
                    "the certificates form no valid, unrevoked path of RFC 5280 at " + now);
        }
    }

    private static Set<TrustAnchor> anchors(
            AkTrust.Certified trust, List<X509Certificate> certificates) throws TpmRefusal {
        var anchors = new HashSet<TrustAnchor>();
        for (X509Certificate certificate : certificates) {
            if (trust.roots().contains(fingerprint(certificate))) {
                anchors.add(new TrustAnchor(certificate, null));
            }
        }
        if (anchors.isEmpty()) {
            throw new TpmRefusal("tpm.ak.root", "the chain ends in no root that is believed");
        }
        return anchors;
    }

    private static CertStore store(List<?> content) throws GeneralSecurityException {
        return CertStore.getInstance("Collection", new CollectionCertStoreParameters(content));
    }

    private static Digest fingerprint(X509Certificate certificate) throws TpmRefusal {
        try {
            return Digest.sha256(certificate.getEncoded());
        } catch (CertificateException e) {
            throw new TpmRefusal("tpm.ak.certificates", "certificate: expected X.509, DER");
        }
    }
}

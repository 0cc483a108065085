package dev.strongroom.attestation.p384;

import dev.strongroom.attestation.Digest;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * A chain that ends in a pinned root, was valid at one moment, and whose every link holds: name,
 * signature, path length, critical extensions (RFC 5280, by the JDK), key usage. Revocation is not
 * looked at: AWS keeps no lists, NVIDIA answers over OCSP only.
 *
 * @param leaf the key that signs evidence
 * @param rootFingerprint SHA-256 of the whole root certificate
 */
public record P384Chain(P384Certificate leaf, Digest rootFingerprint) {
    public static final int MAX_CERTIFICATES = 8; // Nitro and NVIDIA have five

    /**
     * Verifies a chain.
     *
     * @param chain leaf first, root last
     * @param roots SHA-256 of whole root certificates
     * @throws ChainRefusal with the first step that fails
     */
    public static P384Chain verify(List<P384Certificate> chain, Set<Digest> roots, Instant now)
            throws ChainRefusal {
        if (chain.size() < 2 || chain.size() > MAX_CERTIFICATES) {
            throw new ChainRefusal(
                    "length", "expected a root, a leaf, and at most six authorities between");
        }
        Digest root = chain.getLast().fingerprint();
        if (!roots.contains(root)) {
            throw new ChainRefusal("root", "the chain ends in a root that is not pinned");
        }
        for (P384Certificate certificate : chain) {
            requireValidAt(now, certificate);
        }
        requireUsage(chain);
        requirePath(chain, now);
        return new P384Chain(chain.getFirst(), root);
    }

    private static void requireValidAt(Instant now, P384Certificate certificate)
            throws ChainRefusal {
        var x509 = certificate.x509();
        if (now.isBefore(x509.getNotBefore().toInstant())
                || now.isAfter(x509.getNotAfter().toInstant())) {
            throw new ChainRefusal(
                    "validity",
                    "%s is not valid at %s".formatted(certificate.subject().getName(), now));
        }
    }

    /** Names, signatures, path lengths and critical extensions, by the JDK. */
    private static void requirePath(List<P384Certificate> chain, Instant now) throws ChainRefusal {
        var certificates = chain.stream().map(P384Certificate::x509).toList();
        try {
            var path =
                    CertificateFactory.getInstance("X.509")
                            .generateCertPath(certificates.subList(0, certificates.size() - 1));
            var parameters =
                    new PKIXParameters(Set.of(new TrustAnchor(certificates.getLast(), null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
        } catch (GeneralSecurityException e) {
            throw new ChainRefusal("path", "the certificates form no path of RFC 5280");
        }
    }

    private static void requireUsage(List<P384Certificate> chain) throws ChainRefusal {
        P384Certificate leaf = chain.getFirst();
        if (leaf.isAuthority() || !leaf.allows(P384Certificate.DIGITAL_SIGNATURE)) {
            throw new ChainRefusal("usage", "leaf: expected digitalSignature and no authority");
        }
        for (P384Certificate authority : chain.subList(1, chain.size())) {
            if (!authority.isAuthority() || !authority.allows(P384Certificate.KEY_CERT_SIGN)) {
                throw new ChainRefusal("usage", "authority: expected a CA with keyCertSign");
            }
        }
    }
}

package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.SignedDer;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;

/**
 * A chain that ends in a believed root: leaf (VCEK or VLEK) ← ASK or ASVK ← ARK.
 *
 * @param leaf the key that signs reports
 * @param signingKey which kind of key the leaf is
 * @param line the product line its root stands for
 * @param rootFingerprint SHA-256 of the whole root certificate
 */
record SnpChain(
        X509Certificate leaf,
        SnpReport.SigningKey signingKey,
        ProductLine line,
        Digest rootFingerprint) {
    private static final int KEY_CERT_SIGN = 5; // index in the KeyUsage bits

    /** Three certificates that name each other; nothing about them is verified. */
    record Candidate(X509Certificate leaf, X509Certificate intermediate, X509Certificate root) {}

    /**
     * All chains that the names in certificates, which come in any order, allow: at least one. A
     * certificate that comes more than once counts once.
     */
    static List<Candidate> candidates(List<byte[]> encoded) throws SnpRefusal {
        Set<X509Certificate> certificates = parse(encoded);
        Map<X500Principal, List<X509Certificate>> authorities =
                certificates.stream()
                        .filter(certificate -> certificate.getBasicConstraints() >= 0)
                        .collect(Collectors.groupingBy(X509Certificate::getSubjectX500Principal));
        var candidates = new ArrayList<Candidate>();
        for (X509Certificate leaf : certificates) {
            for (X509Certificate intermediate : issuers(leaf, authorities)) {
                for (X509Certificate root : issuers(intermediate, authorities)) {
                    if (!isSelfIssued(intermediate) && isSelfIssued(root)) {
                        candidates.add(new Candidate(leaf, intermediate, root));
                    }
                }
            }
        }
        if (candidates.isEmpty()) {
            throw new SnpRefusal(
                    "snp.endorsements",
                    "expected a VCEK or VLEK certificate, its ASK or ASVK and its ARK");
        }
        return candidates;
    }

    static SnpChain verify(
            Candidate chain,
            SnpRoots roots,
            SnpRevocation revocation,
            SignatureChecks checks,
            Instant now)
            throws SnpRefusal {
        X509Certificate leaf = chain.leaf();
        X509Certificate intermediate = chain.intermediate();
        X509Certificate root = chain.root();
        Digest fingerprint = fingerprint(root);
        ProductLine line = roots.lines().get(fingerprint);
        if (line == null) {
            throw new SnpRefusal("snp.chain.root", "the chain ends in a root that is not pinned");
        }
        SnpReport.SigningKey signingKey = requireNames(leaf, intermediate, line);
        requireValidAt(now, root, intermediate, leaf);
        requireKeys(leaf, intermediate, root, roots.rsaBits());
        if (!checks.isSignedBy(root, root)
                || !checks.isSignedBy(intermediate, root)
                || !checks.isSignedBy(leaf, intermediate)) {
            throw new SnpRefusal(
                    "snp.chain.signature",
                    "expected RSASSA-PSS with SHA-384 signatures from the root to the leaf");
        }
        checks.countPath();
        requirePath(leaf, intermediate, root, now);
        if (roots.revokedIntermediates().contains(fingerprint(intermediate))) {
            throw new SnpRefusal("snp.chain.revoked", "the vendor revoked the intermediate key");
        }
        revocation.requireNotRevoked(intermediate, root, checks, now);
        return new SnpChain(leaf, signingKey, line, fingerprint);
    }

    private static Set<X509Certificate> parse(List<byte[]> certificates) throws SnpRefusal {
        var parsed = new LinkedHashSet<X509Certificate>();
        try {
            var factory = CertificateFactory.getInstance("X.509");
            for (byte[] der : certificates) {
                if (!SignedDer.isCanonicalCertificate(der)) {
                    throw new SnpRefusal("snp.endorsements", "certificate: expected X.509, DER");
                }
                var in = new ByteArrayInputStream(der);
                parsed.add((X509Certificate) factory.generateCertificate(in));
            }
        } catch (CertificateException e) {
            throw new SnpRefusal("snp.endorsements", "certificate: expected X.509, DER");
        }
        return parsed;
    }

    private static List<X509Certificate> issuers(
            X509Certificate subject, Map<X500Principal, List<X509Certificate>> authorities) {
        return authorities.getOrDefault(subject.getIssuerX500Principal(), List.of());
    }

    private static boolean isSelfIssued(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    /** A VLEK under an ASK, a VCEK under an ASVK or a name of another line is no chain of AMD's. */
    private static SnpReport.SigningKey requireNames(
            X509Certificate leaf, X509Certificate intermediate, ProductLine line)
            throws SnpRefusal {
        String issuer =
                CertificateProfile.commonName(intermediate.getSubjectX500Principal().getName());
        String subject = CertificateProfile.commonName(leaf.getSubjectX500Principal().getName());
        if (subject.equals("SEV-VCEK") && issuer.equals("SEV-" + line.label())) {
            return SnpReport.SigningKey.VCEK;
        }
        if (subject.equals("SEV-VLEK") && issuer.equals("SEV-VLEK-" + line.label())) {
            return SnpReport.SigningKey.VLEK;
        }
        throw new SnpRefusal(
                "snp.chain.names",
                "expected SEV-VCEK under SEV-%s or SEV-VLEK under SEV-VLEK-%s"
                        .formatted(line.label(), line.label()));
    }

    private static void requireValidAt(Instant now, X509Certificate... chain) throws SnpRefusal {
        for (X509Certificate certificate : chain) {
            if (now.isBefore(certificate.getNotBefore().toInstant())
                    || now.isAfter(certificate.getNotAfter().toInstant())) {
                throw new SnpRefusal(
                        "snp.chain.validity",
                        "%s is not valid at %s"
                                .formatted(certificate.getSubjectX500Principal().getName(), now));
            }
        }
    }

    private static void requireKeys(
            X509Certificate leaf, X509Certificate intermediate, X509Certificate root, int rsaBits)
            throws SnpRefusal {
        if (leaf.getBasicConstraints() >= 0) {
            throw new SnpRefusal("snp.chain.keys", "leaf: expected no authority");
        }
        if (!CertificateProfile.isRsa(root.getPublicKey(), rsaBits)
                || !CertificateProfile.isRsa(intermediate.getPublicKey(), rsaBits)
                || !CertificateProfile.isP384(leaf.getPublicKey())) {
            throw new SnpRefusal(
                    "snp.chain.keys", "expected RSA-" + rsaBits + " authorities and a P-384 leaf");
        }
        boolean[] usage = intermediate.getKeyUsage();
        if (usage == null || !usage[KEY_CERT_SIGN]) {
            throw new SnpRefusal("snp.chain.keys", "intermediate: expected keyCertSign");
        }
    }

    /** Names, constraints and critical extensions as RFC 5280 has them, by the JDK. */
    private static void requirePath(
            X509Certificate leaf, X509Certificate intermediate, X509Certificate root, Instant now)
            throws SnpRefusal {
        try {
            var path =
                    CertificateFactory.getInstance("X.509")
                            .generateCertPath(List.of(leaf, intermediate));
            var parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
            parameters.setRevocationEnabled(false); // AMD's lists name authorities only: see below
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
        } catch (GeneralSecurityException e) {
            throw new SnpRefusal("snp.chain.path", "the certificates form no path of RFC 5280");
        }
    }

    private static Digest fingerprint(X509Certificate certificate) throws SnpRefusal {
        try {
            return Digest.sha256(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new SnpRefusal("snp.endorsements", "certificate: expected X.509, DER");
        }
    }
}

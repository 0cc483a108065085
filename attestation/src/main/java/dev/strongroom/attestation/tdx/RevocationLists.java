package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.SignedDer;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Intel's revocation lists: the root names PCK authorities and TCB signers, each PCK authority
 * names its leaves. An authentic list that names a certificate refuses it whatever the list's
 * dates; without one that is current, nobody can tell that it is not revoked, and it does not
 * count.
 *
 * <p>Used by one thread.
 */
final class RevocationLists {
    private final List<X509CRL> lists;
    private final Instant now;
    private final Map<Digest, List<X509CRL>> byIssuer = new HashMap<>();

    private RevocationLists(List<X509CRL> lists, Instant now) {
        this.lists = lists;
        this.now = now;
    }

    /**
     * Lists to judge certificates with at one moment.
     *
     * @param encoded DER; what is no list at all is passed over, because leaving one out never
     *     helps a certificate
     */
    static RevocationLists of(List<byte[]> encoded, Instant now) {
        return new RevocationLists(
                encoded.stream().flatMap(der -> parse(der).stream()).toList(), now);
    }

    private static Optional<X509CRL> parse(byte[] der) {
        if (!SignedDer.isCanonicalList(der)) {
            return Optional.empty();
        }
        try {
            var in = new ByteArrayInputStream(der);
            return Optional.of((X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /**
     * Refuses unless a list of the issuer is current and none of its lists, old ones among them,
     * names the certificate.
     */
    void requireGood(IntelCertificate certificate, IntelCertificate issuer) throws TdxRefusal {
        List<X509CRL> authentic = authentic(issuer);
        if (authentic.stream().anyMatch(list -> list.isRevoked(certificate.x509()))) {
            throw new TdxRefusal("tdx.chain.revoked", "revoked: " + certificate.name());
        }
        if (authentic.stream().noneMatch(this::isCurrent)) {
            throw new TdxRefusal(
                    "tdx.chain.revocation-unknown",
                    "expected a revocation list of %s that is current at %s"
                            .formatted(issuer.name(), now));
        }
    }

    private List<X509CRL> authentic(IntelCertificate issuer) {
        return byIssuer.computeIfAbsent(
                issuer.fingerprint(),
                _ ->
                        lists.stream()
                                .filter(list -> names(list, issuer) && isSignedBy(list, issuer))
                                .toList());
    }

    private static boolean names(X509CRL list, IntelCertificate issuer) {
        return list.getIssuerX500Principal().equals(issuer.x509().getSubjectX500Principal());
    }

    private boolean isCurrent(X509CRL list) {
        return list.getNextUpdate() != null
                && !now.isBefore(list.getThisUpdate().toInstant())
                && !now.isAfter(list.getNextUpdate().toInstant());
    }

    /** A critical extension would change what the list means (RFC 5280, 5.2): Intel has none. */
    private static boolean isSignedBy(X509CRL list, IntelCertificate issuer) {
        Set<String> critical = list.getCriticalExtensionOIDs();
        try {
            return (critical == null || critical.isEmpty())
                    && IntelCertificate.ECDSA_WITH_SHA256.equals(list.getSigAlgOID())
                    && list.getSigAlgParams() == null
                    && EcKeys.verifiesDer(
                            issuer.x509().getPublicKey(),
                            list.getTBSCertList(),
                            list.getSignature());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}

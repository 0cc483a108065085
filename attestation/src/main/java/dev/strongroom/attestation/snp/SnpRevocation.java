package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.Revocation;
import java.io.ByteArrayInputStream;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * AMD's revocation lists (57230, "CRL"): signed by the root, they name ASK and ASVK serials. Leaves
 * all have serial 0 and cannot be named.
 *
 * <p>Revocation is for ever, so an authentic list that names a certificate refuses it whatever the
 * list's dates. That a certificate is not revoked, only a current list can say: one with {@code
 * thisUpdate <= now <= nextUpdate}.
 */
record SnpRevocation(List<X509CRL> lists, Revocation demand) {
    /** Lists that do not parse say nothing: then another one has to. */
    static SnpRevocation of(List<byte[]> encoded, Revocation demand) {
        var lists = new LinkedHashSet<X509CRL>();
        for (byte[] der : encoded) {
            try {
                var factory = CertificateFactory.getInstance("X.509");
                if (factory.generateCRL(new ByteArrayInputStream(der)) instanceof X509CRL list) {
                    lists.add(list);
                }
            } catch (CRLException | CertificateException e) {
                // another vendor's or nobody's
            }
        }
        return new SnpRevocation(List.copyOf(lists), demand);
    }

    void requireNotRevoked(
            X509Certificate intermediate, X509Certificate root, SignatureChecks checks, Instant now)
            throws SnpRefusal {
        boolean current = false;
        for (X509CRL list : lists) {
            if (!isOf(root, list) || !checks.isSignedBy(list, root)) {
                continue;
            }
            if (list.isRevoked(intermediate)) {
                throw new SnpRefusal("snp.chain.revoked", "the root revoked the intermediate key");
            }
            current |= isCurrent(list, now);
        }
        if (!current && demand == Revocation.REQUIRED) {
            throw new SnpRefusal(
                    "snp.chain.revocation-unknown",
                    "expected a revocation list of this root that is current at "
                            + now
                            + "; fetch AMD's and put it into the collateral folder");
        }
    }

    private static boolean isCurrent(X509CRL list, Instant now) {
        return list.getNextUpdate() != null
                && !now.isBefore(list.getThisUpdate().toInstant())
                && !now.isAfter(list.getNextUpdate().toInstant());
    }

    private static boolean isOf(X509Certificate root, X509CRL list) {
        return list.getIssuerX500Principal().equals(root.getSubjectX500Principal())
                && !list.hasUnsupportedCriticalExtension();
    }
}

package dev.strongroom.attestation.snp;

import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The signature checks that one report costs: each is done once and remembered, and there is an end
 * to them, so that no choice of certificates and lists keeps a verifier busy.
 *
 * <p>Used by one thread.
 */
final class SignatureChecks {
    /** A report of a real chip takes six; every item that anyone may add, about one more. */
    static final int MAX = 128;

    private static final int LINKS_OF_A_PATH = 2;

    private record Check(Object signed, X509Certificate signer) {}

    private final Map<Check, Boolean> known = new HashMap<>();
    private int count;

    /** How many checks were paid for so far. */
    int count() {
        return count;
    }

    boolean isSignedBy(X509Certificate certificate, X509Certificate issuer) throws SnpRefusal {
        return once(
                certificate,
                issuer,
                () -> CertificateProfile.signedBy(certificate, issuer.getPublicKey()));
    }

    boolean isSignedBy(X509CRL list, X509Certificate root) throws SnpRefusal {
        return once(
                list,
                root,
                () -> {
                    try {
                        return CertificateProfile.hasPinnedParameters(list.getSigAlgParams())
                                && CertificateProfile.verifies(
                                        root.getPublicKey(),
                                        list.getTBSCertList(),
                                        list.getSignature());
                    } catch (GeneralSecurityException e) {
                        return false;
                    }
                });
    }

    boolean isSignedBy(SnpReport report, X509Certificate leaf) throws SnpRefusal {
        return once(
                report,
                leaf,
                () -> {
                    try {
                        Signature ecdsa = Signature.getInstance("SHA384withECDSAinP1363Format");
                        ecdsa.initVerify(leaf.getPublicKey());
                        ecdsa.update(report.signedBytes());
                        return ecdsa.verify(report.signature());
                    } catch (GeneralSecurityException e) {
                        return false; // r or s out of range: like any other wrong signature
                    }
                });
    }

    /** Before the JDK goes over a chain whose signatures hold. */
    void countPath() throws SnpRefusal {
        spend(LINKS_OF_A_PATH);
    }

    private boolean once(Object signed, X509Certificate signer, BooleanSupplier check)
            throws SnpRefusal {
        var key = new Check(signed, signer);
        Boolean before = known.get(key);
        if (before != null) {
            return before;
        }
        spend(1);
        boolean holds = check.getAsBoolean();
        known.put(key, holds);
        return holds;
    }

    private void spend(int checks) throws SnpRefusal {
        if (count + checks > MAX) {
            throw new SnpRefusal(
                    "snp.endorsements",
                    "expected certificates and lists that take at most "
                            + MAX
                            + " signature checks; leave out those of other chips");
        }
        count += checks;
    }
}

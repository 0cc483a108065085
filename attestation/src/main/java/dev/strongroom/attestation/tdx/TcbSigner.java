package dev.strongroom.attestation.tdx;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Who may sign TCB info and QE identities: a TCB signing certificate under the believed root. Intel
 * has had several with the same key and serial number, one after the other.
 */
record TcbSigner(IntelCertificate certificate) {

    /**
     * Those of the certificates that are one, at least one: which of them comes first is up to
     * whoever sent them, so a document counts by any.
     *
     * @throws TdxRefusal saying what the last TCB signing certificate lacked, or that there is none
     */
    static List<TcbSigner> among(
            List<byte[]> encoded, IntelCertificate root, RevocationLists lists, Instant now)
            throws TdxRefusal {
        var signers = new ArrayList<TcbSigner>();
        var refusals = new ArrayList<TdxRefusal>();
        refusals.add(
                new TdxRefusal(
                        "tdx.collateral.signer",
                        "expected the certificate Intel SGX TCB Signing of this root"));
        for (byte[] der : encoded) {
            IntelCertificate certificate = IntelCertificate.parse(der).orElse(null);
            if (certificate == null
                    || certificate.role().orElse(null) != IntelCertificate.Role.TCB_SIGNER) {
                continue;
            }
            try {
                requireSigner(certificate, root, lists, now);
                signers.add(new TcbSigner(certificate));
            } catch (TdxRefusal e) {
                refusals.add(e);
            }
        }
        if (signers.isEmpty()) {
            throw refusals.getLast();
        }
        return List.copyOf(signers);
    }

    private static void requireSigner(
            IntelCertificate certificate, IntelCertificate root, RevocationLists lists, Instant now)
            throws TdxRefusal {
        if (!certificate.isValidAt(now)) {
            throw new TdxRefusal(
                    "tdx.collateral.signer", certificate.name() + " is not valid at " + now);
        }
        if (!certificate.names(root)
                || !certificate.hasKeyFor(IntelCertificate.Role.TCB_SIGNER)
                || !certificate.isSignedBy(root)
                || !root.isRootOf(List.of(certificate), now)) {
            throw new TdxRefusal(
                    "tdx.collateral.signer", certificate.name() + " is not under this root");
        }
        lists.requireGood(certificate, root);
    }

    boolean signed(SignedJson document) {
        return EcKeys.verifies(
                certificate.x509().getPublicKey(), document.body(), document.signature());
    }
}

package dev.strongroom.vault.access;

import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.io.IOException;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/**
 * A PKCS#10 request that was checked: its sender holds the private key. Nothing but the key is
 * taken from it; names come from the vault.
 *
 * @param spki SubjectPublicKeyInfo, P-256
 */
public record SigningRequest(byte[] spki) {
    private static final int MAX_BYTES = 4096; // a P-256 request with a long name is under 1 KiB

    /**
     * Checks a request.
     *
     * @throws RefusedException REQUEST_MALFORMED unless it is for a P-256 key and signed by it
     */
    public static SigningRequest check(byte[] csr) throws RefusedException {
        if (csr.length == 0 || csr.length > MAX_BYTES) {
            throw malformed("expected 1 to " + MAX_BYTES + " bytes, got " + csr.length);
        }
        try {
            var request = new PKCS10CertificationRequest(csr);
            byte[] spki = request.getSubjectPublicKeyInfo().getEncoded();
            var verifier = new JcaContentVerifierProviderBuilder().build(P256.publicKey(spki));
            if (!request.isSignatureValid(verifier)) {
                throw malformed("it is not signed by its own key");
            }
            return new SigningRequest(spki);
        } catch (SealedFormatException e) {
            throw malformed("expected a P-256 key");
        } catch (IOException
                | PKCSException
                | OperatorCreationException
                | RuntimeException e) { // Bouncy Castle has several unchecked ones for bad DER
            throw malformed("not a PKCS#10 request");
        }
    }

    private static RefusedException malformed(String what) {
        return new RefusedException(
                Reason.REQUEST_MALFORMED, "certificate signing request: " + what);
    }
}

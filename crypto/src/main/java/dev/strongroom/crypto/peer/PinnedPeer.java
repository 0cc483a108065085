package dev.strongroom.crypto.peer;

import dev.strongroom.attestation.Digest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;

/**
 * Trusts one server: the one whose TLS key has a known SHA-256. Names, dates and issuers in its
 * certificate say nothing.
 *
 * <p>Immutable and thread-safe.
 */
public final class PinnedPeer extends EngineTrust {
    private final Digest pin;

    /**
     * @param pin SHA-256 of the SubjectPublicKeyInfo
     */
    public PinnedPeer(Digest pin) {
        this.pin = pin;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (chain.length == 0 || !Digest.sha256(chain[0].getPublicKey().getEncoded()).equals(pin)) {
            throw new CertificateException("expected a peer with the TLS key " + pin);
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}

package dev.strongroom.client;

import dev.strongroom.crypto.peer.EngineTrust;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Holds a channel to one TLS key: whatever key the first handshake shows, every later handshake of
 * the same channel must show it as well. So a key that evidence speaks for stays the peer's key
 * until the channel is closed, reconnections included.
 *
 * <p>Chain and host name are checked by the delegate first. Thread-safe.
 */
final class PeerKey extends EngineTrust {
    private final X509ExtendedTrustManager delegate;
    private final AtomicReference<byte @Nullable []> spki = new AtomicReference<>();

    PeerKey(X509ExtendedTrustManager delegate) {
        this.delegate = delegate;
    }

    /** SubjectPublicKeyInfo of the peer; throws before the first handshake. */
    byte[] spki() {
        byte[] key = spki.get();
        if (key == null) {
            throw new IllegalStateException("no handshake has been completed");
        }
        return key.clone();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        delegate.checkServerTrusted(chain, authType, engine);
        byte[] shown = chain[0].getPublicKey().getEncoded();
        byte[] first = spki.compareAndExchange(null, shown);
        if (first != null && !MessageDigest.isEqual(first, shown)) {
            throw new PeerKeyChangedException();
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return delegate.getAcceptedIssuers();
    }
}

package dev.strongroom.serving.rest;

import dev.strongroom.serving.access.LiveIdentity;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Believes client certificates of the CAs that are in the node's chain when a connection begins.
 *
 * <p>Thread-safe.
 */
final class LiveTrust extends X509ExtendedTrustManager {
    private final LiveIdentity identity;
    private volatile Trusting last;

    /** A judge and the CAs that it was made for. */
    private record Trusting(List<X509Certificate> authorities, X509ExtendedTrustManager judge) {}

    LiveTrust(LiveIdentity identity) throws GeneralSecurityException {
        this.identity = identity;
        this.last = trusting(identity.authorities());
    }

    /**
     * The certificate of a connection, if it is believed now: a resumed session was judged when it
     * began, and CAs and clocks have moved on since.
     */
    Optional<X509Certificate> believed(X509Certificate[] chain) {
        try {
            judge().checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
            return Optional.of(chain[0]);
        } catch (CertificateException e) {
            return Optional.empty();
        }
    }

    private X509ExtendedTrustManager judge() throws CertificateException {
        List<X509Certificate> authorities = identity.authorities();
        Trusting now = last;
        if (now.authorities().equals(authorities)) {
            return now.judge();
        }
        try {
            last = trusting(authorities);
            return last.judge();
        } catch (GeneralSecurityException e) {
            throw new CertificateException("the vault's new CA is not taken", e);
        }
    }

    private static Trusting trusting(List<X509Certificate> authorities)
            throws GeneralSecurityException {
        try {
            KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
            roots.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                roots.setCertificateEntry("ca-" + i, authorities.get(i));
            }
            var factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(roots);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager judge) {
                    return new Trusting(authorities, judge);
                }
            }
            throw new GeneralSecurityException("this JDK has no judge of X.509 certificates");
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
    }

    @Override
    public void checkClientTrusted(
            X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        judge().checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(
            X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        judge().checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        judge().checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(
            X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw noServers();
    }

    @Override
    public void checkServerTrusted(
            X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw noServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw noServers();
    }

    private static CertificateException noServers() {
        return new CertificateException("this end judges clients only");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return identity.authorities().toArray(X509Certificate[]::new);
    }
}

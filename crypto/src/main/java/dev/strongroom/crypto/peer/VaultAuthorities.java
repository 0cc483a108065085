package dev.strongroom.crypto.peer;

import dev.strongroom.crypto.format.VaultIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts servers with a certificate of the vault's authorities: those that were configured, until
 * the vault's identity was verified; from then on those that the identity names and no others. A
 * configured authority that the vault retired, or never had, speaks for nobody then.
 *
 * <p>Thread-safe. For one channel.
 */
public final class VaultAuthorities extends EngineTrust {
    private List<X509Certificate> authorities;
    private X509ExtendedTrustManager trusted;
    private @Nullable Shown shown;

    private record Shown(X509Certificate[] chain, String authType) {}

    /**
     * @param configured at least one
     * @throws GeneralSecurityException if they cannot be trusted as they are
     */
    public VaultAuthorities(List<X509Certificate> configured) throws GeneralSecurityException {
        this.authorities = List.copyOf(configured);
        this.trusted = trusting(authorities);
    }

    @Override
    public synchronized void checkServerTrusted(
            X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        trusted.checkServerTrusted(chain, authType, engine);
        shown = new Shown(chain.clone(), authType);
    }

    /**
     * From here on exactly the authorities that an identity names count. What the peer showed in
     * its newest handshake is judged again.
     *
     * @param identity verified under the pin
     * @throws CertificateException if none of the authorities so far is the vault's, or none of the
     *     vault's speaks for the peer: who answers on this connection has to connect anew
     */
    public synchronized void follow(VaultIdentity identity) throws CertificateException {
        boolean known = false;
        for (X509Certificate authority : authorities) {
            known |= identity.hasAuthority(authority.getEncoded());
        }
        if (!known) {
            throw new CertificateException(
                    "the configured CA is none that the pinned ceremony key names");
        }
        try {
            authorities = certificates(identity.caCertificates());
            trusted = trusting(authorities);
        } catch (GeneralSecurityException e) {
            throw new CertificateException("a CA of the vault's identity cannot be trusted", e);
        }
        if (shown != null) {
            judgeAgain(shown);
        }
    }

    private void judgeAgain(Shown last) throws CertificateException {
        try {
            trusted.checkServerTrusted(last.chain(), last.authType());
        } catch (CertificateException e) {
            throw new CertificateException(
                    "the peer's certificate is of a CA that the pinned ceremony key does not name",
                    e);
        }
    }

    @Override
    public synchronized X509Certificate[] getAcceptedIssuers() {
        return trusted.getAcceptedIssuers();
    }

    private static List<X509Certificate> certificates(List<byte[]> encoded)
            throws CertificateException {
        var factory = CertificateFactory.getInstance("X.509");
        var certificates = new ArrayList<X509Certificate>();
        for (byte[] der : encoded) {
            certificates.add(
                    (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
        }
        return certificates;
    }

    private static X509ExtendedTrustManager trusting(List<X509Certificate> authorities)
            throws GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new IllegalStateException("an empty key store is read from nowhere", e);
        }
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("ca" + i, authorities.get(i));
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return Arrays.stream(factory.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the JDK has an X.509 trust manager"));
    }
}

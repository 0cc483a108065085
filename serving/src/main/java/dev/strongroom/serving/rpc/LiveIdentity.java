package dev.strongroom.serving.rpc;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The node's attested TLS key with the certificate that is good now: a renewed lease brings another
 * one for the same key.
 *
 * <p>Thread-safe.
 */
public final class LiveIdentity extends X509ExtendedKeyManager {
    private static final String ALIAS = "node";
    private static final String KEY_TYPE = "EC";

    private final PrivateKey key;
    private volatile List<X509Certificate> chain;

    /**
     * @param chain certificate of the key, then the CAs that client certificates may come from
     */
    public LiveIdentity(PrivateKey key, List<X509Certificate> chain) {
        this.key = key;
        this.chain = List.copyOf(chain);
    }

    /** New connections are shown this chain from now on. */
    public void present(List<X509Certificate> next) {
        chain = List.copyOf(next);
    }

    X509Certificate[] authorities() {
        return chain.subList(1, chain.size()).toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return keyType.equals(KEY_TYPE) ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return keyType.equals(KEY_TYPE) ? ALIAS : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return chain.toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return key;
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return keyType.equals(KEY_TYPE) ? new String[] {ALIAS} : new String[0];
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[0];
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}

package dev.strongroom.serving.access;

import dev.strongroom.crypto.format.AttestedName;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The node's attested TLS key with the certificates that are good now: a renewed lease brings
 * others for the same key. Who asks for an {@link AttestedName} is shown the one that carries the
 * evidence, everybody else the one of the vault's authority.
 *
 * <p>Thread-safe.
 */
public final class LiveIdentity extends X509ExtendedKeyManager {
    private static final String ALIAS = "node";
    private static final String ATTESTED = "attested";
    private static final String KEY_TYPE = "EC";

    private final PrivateKey key;
    private volatile List<X509Certificate> chain;
    private volatile Supplier<Optional<X509Certificate>> attested = Optional::empty;

    /**
     * @param chain certificate of the key, then the CAs that client certificates must come from
     */
    public LiveIdentity(PrivateKey key, List<X509Certificate> chain) {
        this.key = key;
        this.chain = List.copyOf(chain);
    }

    /** New connections are shown this chain, and judged by its CAs, from now on. */
    public void present(List<X509Certificate> next) {
        chain = List.copyOf(next);
    }

    /** New connections that ask for it are shown the certificate that this gives. */
    public void attest(Supplier<Optional<X509Certificate>> certificate) {
        attested = certificate;
    }

    /** The CAs that client certificates must come from now. */
    public List<X509Certificate> authorities() {
        List<X509Certificate> now = chain;
        return now.subList(1, now.size());
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        if (!keyType.equals(KEY_TYPE)) {
            return null;
        }
        return asksForEvidence(engine) && attested.get().isPresent() ? ATTESTED : ALIAS;
    }

    private static boolean asksForEvidence(@Nullable SSLEngine engine) {
        return engine != null
                && engine.getHandshakeSession() instanceof ExtendedSSLSession session
                && session.getRequestedServerNames().stream()
                        .map(name -> new String(name.getEncoded(), StandardCharsets.US_ASCII))
                        .anyMatch(AttestedName::matches);
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return keyType.equals(KEY_TYPE) ? ALIAS : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        Optional<X509Certificate> own = alias.equals(ATTESTED) ? attested.get() : Optional.empty();
        return own.map(List::of).orElse(chain).toArray(X509Certificate[]::new);
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

package dev.strongroom.crypto.peer;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The one key that a client has, with its certificates. A key store would encrypt the key with a
 * password only to decrypt it at once, twice ten thousand rounds of a hash at every start.
 *
 * <p>Immutable and thread-safe.
 */
public final class ClientKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "client";

    private final PrivateKey key;
    private final List<X509Certificate> chain;

    /**
     * @param chain certificate of the key first
     * @throws GeneralSecurityException if there is none, or it is for a key of another kind
     */
    public ClientKey(PrivateKey key, List<X509Certificate> chain) throws GeneralSecurityException {
        if (chain.isEmpty()
                || !chain.getFirst().getPublicKey().getAlgorithm().equals(key.getAlgorithm())) {
            throw new InvalidKeyException("expected a certificate of a " + key.getAlgorithm());
        }
        this.key = key;
        this.chain = List.copyOf(chain);
    }

    /**
     * Nothing, when none of the authorities that the server names issued a certificate of these.
     */
    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return Arrays.asList(keyType).contains(key.getAlgorithm()) && isKnownTo(issuers)
                ? ALIAS
                : null;
    }

    private boolean isKnownTo(Principal @Nullable [] issuers) {
        if (issuers == null || issuers.length == 0) {
            return true;
        }
        Set<Principal> own =
                chain.stream()
                        .map(X509Certificate::getIssuerX500Principal)
                        .collect(Collectors.toUnmodifiableSet());
        return Arrays.stream(issuers).anyMatch(own::contains);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return chooseEngineClientAlias(keyType, issuers, null);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
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
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[0];
    }
}

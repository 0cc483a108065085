package dev.strongroom.serving.access;

import dev.strongroom.crypto.format.AttestedName;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The node's attested TLS key with the certificates that are good now: a renewed lease brings
 * others for the same key, and each tenant's leases bring their own. Who asks for an {@link
 * AttestedName} is shown the one that carries the evidence, if there is one; everybody else the one
 * of the vault's authority for the name that he asks for, or else the first that has not ended.
 *
 * <p>Thread-safe.
 */
public final class LiveIdentity extends X509ExtendedKeyManager {
    private static final int SAN_DNS = 2; // GeneralName tag of RFC 5280
    private static final String ALIAS = "node:"; // and the name that was asked for
    private static final String ATTESTED = "attested";
    private static final String KEY_TYPE = "EC";

    private final PrivateKey key;
    private final InstantSource clock;
    private final Map<Set<String>, List<X509Certificate>> chains = new LinkedHashMap<>(); // guarded
    private volatile List<X509Certificate> latest;
    private volatile Supplier<Optional<X509Certificate>> attested = Optional::empty;

    /**
     * @param chain certificate of the key, then the CAs that client certificates must come from
     */
    public LiveIdentity(PrivateKey key, List<X509Certificate> chain) {
        this(key, chain, InstantSource.system());
    }

    LiveIdentity(PrivateKey key, List<X509Certificate> chain, InstantSource clock) {
        this.key = key;
        this.clock = clock;
        this.latest = List.copyOf(chain);
        chains.put(names(latest), latest);
    }

    /**
     * New connections that ask for one of its names are shown this chain from now on, in the place
     * of the one that had the same names, and all are judged by its CAs.
     */
    public synchronized void present(List<X509Certificate> next) {
        latest = List.copyOf(next);
        chains.put(names(latest), latest);
    }

    /** Of a name that is nobody's, or everybody's, the first tenant's whose lease goes on. */
    private synchronized List<X509Certificate> chain(String name) {
        List<List<X509Certificate>> named =
                chains.entrySet().stream()
                        .filter(known -> known.getKey().contains(name))
                        .map(Map.Entry::getValue)
                        .toList();
        List<List<X509Certificate>> candidates =
                named.isEmpty() ? List.copyOf(chains.values()) : named;
        return candidates.stream().filter(this::lasts).findFirst().orElse(candidates.getFirst());
    }

    private boolean lasts(List<X509Certificate> chain) {
        return chain.getFirst().getNotAfter().toInstant().isAfter(clock.instant());
    }

    private static Set<String> names(List<X509Certificate> chain) {
        try {
            Collection<List<?>> names = chain.getFirst().getSubjectAlternativeNames();
            return names == null
                    ? Set.of()
                    : names.stream()
                            .filter(name -> name.getFirst().equals(SAN_DNS))
                            .map(name -> (String) name.get(1))
                            .collect(Collectors.toUnmodifiableSet());
        } catch (CertificateParsingException e) {
            throw new IllegalArgumentException("the node's own certificate has no names", e);
        }
    }

    /** New connections that ask for it are shown the certificate that this gives. */
    public void attest(Supplier<Optional<X509Certificate>> certificate) {
        attested = certificate;
    }

    /** The CAs that client certificates must come from now. */
    public List<X509Certificate> authorities() {
        List<X509Certificate> now = latest;
        return now.subList(1, now.size());
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        if (!keyType.equals(KEY_TYPE)) {
            return null;
        }
        String asked = serverName(engine);
        return AttestedName.matches(asked) && attested.get().isPresent() ? ATTESTED : ALIAS + asked;
    }

    /** Empty if the client names none. */
    private static String serverName(@Nullable SSLEngine engine) {
        return engine != null && engine.getHandshakeSession() instanceof ExtendedSSLSession session
                ? session.getRequestedServerNames().stream()
                        .map(name -> new String(name.getEncoded(), StandardCharsets.US_ASCII))
                        .findFirst()
                        .orElse("")
                : "";
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return keyType.equals(KEY_TYPE) ? ALIAS : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        Optional<X509Certificate> own = alias.equals(ATTESTED) ? attested.get() : Optional.empty();
        return own.map(List::of)
                .orElseGet(
                        () -> chain(alias.startsWith(ALIAS) ? alias.substring(ALIAS.length()) : ""))
                .toArray(X509Certificate[]::new);
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

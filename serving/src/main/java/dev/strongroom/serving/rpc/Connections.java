package dev.strongroom.serving.rpc;

import dev.strongroom.attestation.Digest;
import dev.strongroom.serving.infer.Caller;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Looks once at each connection's certificate and keeps who it belongs to among the connection's
 * attributes.
 *
 * <p>Thread-safe.
 */
final class Connections extends ServerTransportFilter {
    /** Of the current call; no value outside one that was let through. */
    static final Context.Key<Caller> CALLER = Context.key("caller");

    /** Of the current call; no value outside one that was let through. */
    static final Context.Key<SSLSession> SESSION = Context.key("tls-session");

    private static final Attributes.Key<Peer> PEER = Attributes.Key.create("peer");

    private static final Pattern ORGANISATION =
            Pattern.compile("(?:^|[,+])O=((?:[^,+\\\\]|\\\\.){1,128})");

    private final AtomicLong numbers = new AtomicLong();
    private final Supplier<List<X509Certificate>> authorities;
    private final ConnectionLimits limits;
    private final Map<String, Integer> open = new HashMap<>(); // connections of each identity

    /**
     * @param authorities that certificates of clients come from now
     * @param limits of each identity, and addresses that may connect
     */
    Connections(Supplier<List<X509Certificate>> authorities, ConnectionLimits limits) {
        this.authorities = authorities;
        this.limits = limits;
    }

    /**
     * The other end of a connection.
     *
     * @param key digest of the certificate's SubjectPublicKeyInfo; empty without a certificate
     * @param caller empty if the certificate names no identity of this vault
     */
    record Peer(Optional<Digest> key, Optional<Caller> caller, Admitted admitted) {
        static final Peer ANONYMOUS = new Peer(Optional.empty(), Optional.empty(), Admitted.YES);

        static Peer of(X509Certificate certificate, String issuer, String source, long connection) {
            Digest key = Digest.sha256(certificate.getPublicKey().getEncoded());
            return new Peer(
                    Optional.of(key),
                    PeerIdentity.of(certificate)
                            .map(identity ->
                                    new Caller(
                                            identity.tenant(),
                                            identity.role(),
                                            identity.name(),
                                            key.hex(),
                                            issuer,
                                            group(certificate).orElse(identity.tenant()),
                                            source,
                                            connection)),
                    Admitted.YES);
        }

        private Peer but(Admitted reason) {
            return new Peer(key, caller, reason);
        }

        private static Optional<String> group(X509Certificate certificate) {
            Matcher organisation =
                    ORGANISATION.matcher(certificate.getSubjectX500Principal().getName());
            return organisation.find() ? Optional.of(organisation.group(1)) : Optional.empty();
        }
    }

    /** Whether calls over a connection are taken. */
    enum Admitted {
        YES,
        /** The policy takes none from this address. */
        ADDRESS_DENIED,
        /** The identity has as many connections as it may have. */
        TOO_MANY
    }

    static Caller caller() {
        return CALLER.get();
    }

    /** The context of a call that was let through. */
    static Context context(Caller caller, Attributes attributes) {
        SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        return Context.current().withValues(CALLER, caller, SESSION, session);
    }

    /** Of a call's connection. */
    static Peer peer(Attributes attributes) {
        Peer peer = attributes.get(PEER);
        return peer == null ? Peer.ANONYMOUS : peer;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        Peer peer =
                certificate(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION))
                        .map(certificate ->
                                Peer.of(
                                        certificate,
                                        issuer(certificate),
                                        source(attributes),
                                        numbers.incrementAndGet()))
                        .orElse(Peer.ANONYMOUS);
        return attributes.toBuilder().set(PEER, admitted(peer, attributes)).build();
    }

    /**
     * Also of connections that never were ready, such as those whose handshake failed.
     *
     * @param attributes null then; an exception here would leave the connection in the server's
     *     books
     */
    @Override
    public void transportTerminated(@Nullable Attributes attributes) {
        if (attributes == null) {
            return;
        }
        Peer peer = peer(attributes);
        if (peer.admitted() == Admitted.YES) {
            peer.caller().ifPresent(this::left);
        }
    }

    private Peer admitted(Peer peer, Attributes attributes) {
        boolean denied =
                attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress from
                        && !limits.admits().test(from.getAddress());
        if (denied) {
            return peer.but(Admitted.ADDRESS_DENIED);
        }
        return peer.caller().isEmpty() || entered(peer.caller().get())
                ? peer
                : peer.but(Admitted.TOO_MANY);
    }

    private boolean entered(Caller caller) {
        synchronized (open) {
            int count = open.getOrDefault(caller.identity(), 0);
            if (count >= limits.perIdentity()) {
                return false;
            }
            open.put(caller.identity(), count + 1);
            return true;
        }
    }

    private void left(Caller caller) {
        synchronized (open) {
            open.computeIfPresent(caller.identity(), (_, had) -> had == 1 ? null : had - 1);
        }
    }

    private String issuer(X509Certificate certificate) {
        for (X509Certificate authority : authorities.get()) {
            try {
                certificate.verify(authority.getPublicKey());
                return Digest.sha256(authority.getPublicKey().getEncoded()).hex();
            } catch (GeneralSecurityException e) {
                // another one issued it
            }
        }
        return "";
    }

    private static String source(Attributes attributes) {
        return attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "";
    }

    private static Optional<X509Certificate> certificate(@Nullable SSLSession session) {
        if (session == null) {
            return Optional.empty();
        }
        try {
            Certificate leaf = session.getPeerCertificates()[0];
            return leaf instanceof X509Certificate x509 ? Optional.of(x509) : Optional.empty();
        } catch (SSLPeerUnverifiedException anonymous) {
            return Optional.empty();
        }
    }
}

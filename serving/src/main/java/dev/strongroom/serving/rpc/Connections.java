package dev.strongroom.serving.rpc;

import dev.strongroom.attestation.Digest;
import dev.strongroom.serving.infer.Caller;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
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

    private final AtomicLong numbers = new AtomicLong();

    /**
     * The other end of a connection.
     *
     * @param key digest of the certificate's SubjectPublicKeyInfo; empty without a certificate
     * @param caller empty if the certificate names no identity of this vault
     */
    record Peer(Optional<Digest> key, Optional<Caller> caller) {
        static final Peer ANONYMOUS = new Peer(Optional.empty(), Optional.empty());

        static Peer of(X509Certificate certificate, String source, long connection) {
            return new Peer(
                    Optional.of(Digest.sha256(certificate.getPublicKey().getEncoded())),
                    PeerIdentity.of(certificate)
                            .map(identity ->
                                    new Caller(
                                            identity.tenant(),
                                            identity.role(),
                                            identity.name(),
                                            source,
                                            connection)));
        }
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
                                Peer.of(certificate, source(attributes), numbers.incrementAndGet()))
                        .orElse(Peer.ANONYMOUS);
        return attributes.toBuilder().set(PEER, peer).build();
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

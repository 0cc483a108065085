package dev.strongroom.serving.rpc;

import dev.strongroom.serving.access.Ends;
import dev.strongroom.serving.access.Peer;
import dev.strongroom.serving.access.Peers;
import dev.strongroom.serving.access.Threshold;
import dev.strongroom.serving.infer.Caller;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
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

    private final Peers peers;
    private final Threshold threshold;

    Connections(Peers peers, Threshold threshold) {
        this.peers = peers;
        this.threshold = threshold;
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
        return peer == null ? Peer.anonymous() : peer;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        Optional<X509Certificate> certificate =
                certificate(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        Optional<Ends> ends = ends(attributes);
        Peer peer =
                peers.enter(
                        certificate,
                        ends.map(Ends::from),
                        within -> ends.ifPresent(known -> threshold.retire(known, within)));
        if (certificate.isPresent()) {
            ends.ifPresent(known -> threshold.recognise(known, peer.tenant()));
        }
        return attributes.toBuilder().set(PEER, peer).build();
    }

    /**
     * Also of connections that never were ready, such as those whose handshake failed.
     *
     * @param attributes null then; an exception here would leave the connection in the server's
     *     books
     */
    @Override
    public void transportTerminated(@Nullable Attributes attributes) {
        if (attributes != null) {
            peers.leave(peer(attributes));
        }
    }

    private static Optional<Ends> ends(Attributes attributes) {
        return attributes.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR) instanceof InetSocketAddress local
                        && attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
                                instanceof InetSocketAddress remote
                ? Optional.of(new Ends(local, remote))
                : Optional.empty();
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

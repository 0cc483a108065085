package dev.strongroom.serving.rpc;

import dev.strongroom.serving.access.LiveIdentity;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.UncheckedIOException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;

/**
 * The node's side of TLS: version 1.3 only, client certificates of the CAs that are in the node's
 * chain when a connection begins. When those change, the sessions that clients could resume end as
 * well, since a resumed one is not judged again.
 *
 * <p>Thread-safe.
 */
final class NodeTls extends SslContext {
    private final LiveIdentity identity;
    private volatile Trusting last;

    /** A context and the CAs that it was made for. */
    private record Trusting(List<X509Certificate> authorities, SslContext context) {}

    NodeTls(LiveIdentity identity) throws SSLException {
        this.identity = identity;
        this.last = trusting(identity.authorities());
    }

    private SslContext current() {
        List<X509Certificate> authorities = identity.authorities();
        Trusting now = last;
        return now.authorities().equals(authorities) ? now.context() : renewed();
    }

    private synchronized SslContext renewed() {
        List<X509Certificate> authorities = identity.authorities();
        if (!last.authorities().equals(authorities)) {
            try {
                last = trusting(authorities);
            } catch (SSLException e) {
                throw new UncheckedIOException("the vault's new CA is not taken", e);
            }
        }
        return last.context();
    }

    private Trusting trusting(List<X509Certificate> authorities) throws SSLException {
        SslContext context =
                GrpcSslContexts.configure(SslContextBuilder.forServer(identity), SslProvider.JDK)
                        .protocols("TLSv1.3")
                        .trustManager(authorities.toArray(X509Certificate[]::new))
                        // Who comes without a certificate is told so by the interceptor.
                        .clientAuth(ClientAuth.OPTIONAL)
                        .build();
        return new Trusting(authorities, context);
    }

    @Override
    public boolean isClient() {
        return false;
    }

    @Override
    public List<String> cipherSuites() {
        return current().cipherSuites();
    }

    // Netty deprecates the type and has no other for what each context must answer.
    @SuppressWarnings("deprecation")
    @Override
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return current().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return current().newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
        return current().newEngine(allocator, peerHost, peerPort);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return current().sessionContext();
    }
}

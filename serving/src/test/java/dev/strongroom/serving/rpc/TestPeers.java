package dev.strongroom.serving.rpc;

import dev.strongroom.attestation.Tee;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.Door;
import dev.strongroom.serving.access.LiveIdentity;
import dev.strongroom.serving.access.LiveLimits;
import dev.strongroom.serving.access.TestAuthority;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.access.WithdrawnKeys;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.BindableService;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A node of tenant acme and whoever calls it: their certificates, its server, their channels. */
public final class TestPeers {
    private static final String TENANT = "acme";

    private final TestAuthority ca = new TestAuthority();
    private final WithdrawnKeys withdrawn = new WithdrawnKeys();
    private final LiveIdentity node;

    public TestPeers() {
        Issued server = ca.server();
        node = new LiveIdentity(server.key(), server.chain());
    }

    public TestAuthority ca() {
        return ca;
    }

    public WithdrawnKeys withdrawn() {
        return withdrawn;
    }

    public LiveIdentity node() {
        return node;
    }

    /** Somebody of the node's tenant. */
    public Issued caller(String role) {
        return ca.client(TENANT, role);
    }

    public Door door(ServingLimits limits, LiveLimits connections) {
        return door(limits, connections, Set.of(TENANT));
    }

    /** Of a node of several tenants. */
    Door door(ServingLimits limits, LiveLimits connections, Set<String> tenants) {
        return Door.of(node, withdrawn, tenants, Tee.SIMULATED, limits, connections);
    }

    /** A server behind a door of its own, under the standard policy's limits of connections. */
    public NodeServer serve(ServingLimits limits, BindableService... services) throws IOException {
        return serve(limits, ConnectionLimits.of(OutputPolicy.standard()), services);
    }

    public NodeServer serve(
            ServingLimits limits, ConnectionLimits connections, BindableService... services)
            throws IOException {
        return serve(door(limits, new LiveLimits(() -> connections)), limits, services);
    }

    /** A server that shares its door with others. */
    public static NodeServer serve(Door door, ServingLimits limits, BindableService... services)
            throws IOException {
        return NodeServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                door,
                limits,
                List.of(services));
    }

    /** A caller's channel, to be built and closed by the test. */
    public NettyChannelBuilder channel(NodeServer server, Issued caller) {
        return channel(server, Optional.of(caller), "TLSv1.3");
    }

    public NettyChannelBuilder channel(
            NodeServer server, Optional<Issued> caller, String protocol) {
        SslContextBuilder tls =
                GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                        .protocols(protocol)
                        .trustManager(ca.certificate());
        caller.ifPresent(
                id -> tls.keyManager(id.key(), id.chain().toArray(X509Certificate[]::new)));
        try {
            return NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                    .sslContext(tls.build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

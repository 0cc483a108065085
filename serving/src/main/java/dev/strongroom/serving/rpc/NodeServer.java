package dev.strongroom.serving.rpc;

import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.Door;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The node's endpoint: TLS 1.3 with the attested key, client certificates of the vault's CA, one
 * interceptor that decides who may call what.
 *
 * <p>Thread-safe. The owner closes it; calls under way get some seconds.
 */
public final class NodeServer implements AutoCloseable {
    private static final int CALLS_PER_CONNECTION = 128;
    private static final int MESSAGE_OVERHEAD_BYTES = 64 * 1024; // names and shapes round tensors
    private static final int METADATA_BYTES = 16 * 1024;
    private static final long HANDSHAKE_SECONDS = 20;
    private static final long DRAIN_SECONDS = 30;

    private final Server server;

    private NodeServer(Server server) {
        this.server = server;
    }

    /**
     * Starts to listen.
     *
     * @param door that callers are let in by
     * @param services without access rules of their own
     */
    public static NodeServer start(
            InetSocketAddress address,
            Door door,
            ServingLimits limits,
            List<BindableService> services)
            throws IOException {
        ConnectionLimits connections = door.connections();
        var builder =
                NettyServerBuilder.forAddress(address)
                        .sslContext(new NodeTls(door.identity()))
                        .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                        .maxInboundMessageSize(limits.messageBytes() + MESSAGE_OVERHEAD_BYTES)
                        .maxInboundMetadataSize(METADATA_BYTES)
                        .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
                        .maxConnectionIdle(connections.idle().toMillis(), TimeUnit.MILLISECONDS)
                        .maxConnectionAge(connections.age().toMillis(), TimeUnit.MILLISECONDS)
                        .maxConnectionAgeGrace(
                                connections.grace().toMillis(), TimeUnit.MILLISECONDS)
                        // Services hand work to pools of their own; nothing blocks in between.
                        .directExecutor()
                        .addTransportFilter(new Connections(door.peers()))
                        .intercept(
                                new CallLimitInterceptor(door.calls())) // inner: of admitted peers
                        .intercept(new AccessInterceptor(door.access()))
                        .intercept(
                                new TeeInterceptor(
                                        door.tee())); // the outer one: on refusals as well
        services.forEach(builder::addService);
        return new NodeServer(builder.build().start());
    }

    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}

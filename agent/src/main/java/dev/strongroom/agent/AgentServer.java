package dev.strongroom.agent;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The agent's gRPC server, over TLS 1.3 with the key that it is known by. Thread-safe. */
final class AgentServer implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 4 << 20; // 65 revisions of a policy
    private static final int MAX_METADATA_BYTES = 8 * 1024;
    private static final int MAX_CALLS_PER_CONNECTION = 4;
    private static final long HANDSHAKE_SECONDS = 10;
    private static final long MAX_IDLE_MINUTES = 1;
    private static final long MAX_AGE_MINUTES = 10;
    private static final long SHUTDOWN_SECONDS = 5;

    private final Server server;
    private final ExecutorService calls;
    private final String host;

    private AgentServer(Server server, ExecutorService calls, String host) {
        this.server = server;
        this.calls = calls;
        this.host = host;
    }

    static AgentServer start(String host, int port, AgentKeys keys, AgentService service)
            throws IOException {
        var tls =
                GrpcSslContexts.configure(
                                SslContextBuilder.forServer(keys.tlsKey(), keys.tlsCertificate()),
                                SslProvider.JDK)
                        .protocols("TLSv1.3")
                        .clientAuth(ClientAuth.NONE)
                        .build();
        ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
        try {
            Server server =
                    NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
                            .sslContext(tls)
                            .executor(calls)
                            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                            .maxInboundMetadataSize(MAX_METADATA_BYTES)
                            .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                            .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                            .maxConnectionIdle(MAX_IDLE_MINUTES, TimeUnit.MINUTES)
                            .maxConnectionAge(MAX_AGE_MINUTES, TimeUnit.MINUTES)
                            .addService(service)
                            .intercept(new Peer())
                            .build()
                            .start();
            return new AgentServer(server, calls, host);
        } catch (IOException | RuntimeException e) {
            calls.close();
            throw e;
        }
    }

    /** {@code host:port}. */
    String address() {
        return host + ":" + server.getPort();
    }

    /** Lets running calls end for a while, then ends them. */
    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        calls.shutdown();
    }
}

package dev.strongroom.bench.serve;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;

/** Connections, not yet made, of every side's clients, which differ in nothing but TLS. */
public final class Clients {
    private static final int LARGEST_ANSWER = 64 << 20; // bytes

    private Clients() {}

    /** In the clear. */
    public static NettyChannelBuilder plain(String address) {
        return channel(address).usePlaintext();
    }

    /**
     * With mutual TLS.
     *
     * @param context folder with {@code ca.pem}, {@code cert.pem} and {@code key.pem}
     */
    public static NettyChannelBuilder mutual(Path context, String address) throws IOException {
        var tls =
                GrpcSslContexts.forClient()
                        .trustManager(context.resolve("ca.pem").toFile())
                        .keyManager(
                                context.resolve("cert.pem").toFile(),
                                context.resolve("key.pem").toFile())
                        .build();
        return channel(address).sslContext(tls);
    }

    /** Answers are counted by the thread that reads them. */
    private static NettyChannelBuilder channel(String address) {
        return NettyChannelBuilder.forTarget(address)
                .directExecutor()
                .maxInboundMessageSize(LARGEST_ANSWER);
    }
}

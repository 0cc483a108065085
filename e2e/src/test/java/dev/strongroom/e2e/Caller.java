package dev.strongroom.e2e;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What any program has that knows gRPC and TLS, and nothing of ours: a channel made from PEM files.
 * Closing ends it.
 */
record Caller(ManagedChannel channel) implements AutoCloseable {
    /** With the certificate of a context folder. */
    static Caller of(Path context, String address) throws IOException {
        return of(
                GrpcSslContexts.forClient()
                        .trustManager(context.resolve("ca.pem").toFile())
                        .keyManager(
                                context.resolve("cert.pem").toFile(),
                                context.resolve("key.pem").toFile()),
                address);
    }

    /** Without a certificate. */
    static Caller anonymous(Path context, String address) throws IOException {
        return of(
                GrpcSslContexts.forClient().trustManager(context.resolve("ca.pem").toFile()),
                address);
    }

    private static Caller of(SslContextBuilder tls, String address) throws IOException {
        return new Caller(
                NettyChannelBuilder.forTarget(address)
                        .sslContext(tls.build())
                        .maxInboundMessageSize(64 << 20)
                        .build());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}

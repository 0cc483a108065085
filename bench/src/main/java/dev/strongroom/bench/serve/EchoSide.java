package dev.strongroom.bench.serve;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.stub.ServerCalls;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A process that does nothing but gRPC in the clear: it answers each call, on the thread that read
 * it, with as many bytes as it was told. Nothing that serves over gRPC for Java can cost less.
 */
public final class EchoSide {
    public static final String NAME = "echo-side";

    static final MethodDescriptor<byte[], byte[]> METHOD =
            Bytes.method(MethodType.UNARY, "bench.Echo/Call");

    private EchoSide() {}

    /** Says its port on standard output; ends when its standard input does. */
    public static void run(String[] words) throws Exception {
        byte[] answer = new byte[Integer.parseInt(words[0])];
        var loops =
                new MultiThreadIoEventLoopGroup(
                        Integer.parseInt(words[1]), NioIoHandler.newFactory());
        var server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .directExecutor()
                        .channelType(NioServerSocketChannel.class)
                        .bossEventLoopGroup(loops)
                        .workerEventLoopGroup(loops)
                        .maxInboundMessageSize(64 << 20)
                        .addService(
                                ServerServiceDefinition.builder("bench.Echo")
                                        .addMethod(
                                                METHOD,
                                                ServerCalls.asyncUnaryCall((_, observer) -> {
                                                    observer.onNext(answer);
                                                    observer.onCompleted();
                                                }))
                                        .build())
                        .build()
                        .start();
        System.out.println(server.getPort());
        System.out.flush();
        while (System.in.read() >= 0) {}
        server.shutdownNow();
        var _ = loops.shutdownGracefully().syncUninterruptibly();
    }
}

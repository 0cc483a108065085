package dev.strongroom.bench.push;

import dev.strongroom.bench.SideProcess;
import dev.strongroom.bench.serve.Bytes;
import dev.strongroom.bench.serve.Clients;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Sends a file over gRPC in the clear to a process that does nothing but write it and have the disk
 * keep it: what any upload over gRPC costs. Messages are as large as those of a push.
 */
public final class BareUpload implements AutoCloseable {
    public static final String NAME = "upload-side";

    static final MethodDescriptor<byte[], byte[]> METHOD =
            Bytes.method(MethodType.CLIENT_STREAMING, "bench.Upload/Send");

    private static final int CHUNK_BYTES = 256 * 1024;

    private final SideProcess side;
    private final ManagedChannel channel;

    private BareUpload(SideProcess side) {
        this.side = side;
        this.channel = Clients.plain(side.address()).build();
    }

    /**
     * Starts the other process.
     *
     * @param target file that it writes, each time anew
     */
    public static BareUpload to(Path target) throws IOException {
        return new BareUpload(SideProcess.ofBench(NAME, target.toString()));
    }

    /** Returns when the other side has it on disk. */
    public void send(Path file) throws Exception {
        BlockingClientCall<byte[], byte[]> call =
                ClientCalls.blockingClientStreamingCall(channel, METHOD, CallOptions.DEFAULT);
        try (FileChannel in = FileChannel.open(file)) {
            var buffer = ByteBuffer.allocate(CHUNK_BYTES);
            for (; in.read(buffer) > 0; buffer.clear()) {
                byte[] chunk = new byte[buffer.flip().remaining()];
                buffer.get(chunk);
                call.write(chunk);
            }
        }
        call.halfClose();
        if (call.read() == null) {
            throw new IOException("the bare upload got no answer");
        }
    }

    /** The other process: says its port on standard output; ends when its standard input does. */
    public static void run(String[] words) throws Exception {
        Path target = Path.of(words[0]);
        var server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .addService(
                                ServerServiceDefinition.builder("bench.Upload")
                                        .addMethod(
                                                METHOD,
                                                ServerCalls.asyncClientStreamingCall(
                                                        answer -> new Written(target, answer)))
                                        .build())
                        .build()
                        .start();
        System.out.println(server.getPort());
        System.out.flush();
        while (System.in.read() >= 0) {}
        server.shutdownNow();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        side.close();
    }
}

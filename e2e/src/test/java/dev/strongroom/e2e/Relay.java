package dev.strongroom.e2e;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Whoever took a server's place in the network, the vault's or a node's: ends TLS itself and passes
 * every call on, but answers some of them as a test decides. Closing ends it.
 */
final class Relay implements AutoCloseable {
    private final Caller target;
    private final Server server;
    private final Map<String, UnaryOperator<byte[]>> answers = new ConcurrentHashMap<>();
    private final Set<String> broken = ConcurrentHashMap.newKeySet();
    private final Set<String> lacking = ConcurrentHashMap.newKeySet();
    private final List<String> called = new CopyOnWriteArrayList<>();

    /**
     * Starts one.
     *
     * @param server folder of its certificate and key
     * @param caller context folder whose identity it has towards the true server
     * @param target of that
     */
    Relay(Path server, Path caller, String target) throws IOException {
        this.target = Caller.of(caller, target);
        this.server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .sslContext(
                                GrpcSslContexts.forServer(
                                                server.resolve("cert.pem").toFile(),
                                                server.resolve("key.pem").toFile())
                                        .build())
                        .fallbackHandlerRegistry(new EveryMethod())
                        .build()
                        .start();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    /** From now on it answers {@code method}, such as {@code Keys/RotateKek}, otherwise. */
    Relay answering(String method, UnaryOperator<byte[]> answer) {
        answers.put(method, answer);
        return this;
    }

    /** From now on a call of this method ends as if the server had gone. */
    Relay breaking(String method) {
        broken.add(method);
        return this;
    }

    /** From now on it has no such method, as a server of an earlier release. */
    Relay lacking(String method) {
        lacking.add(method);
        return this;
    }

    /** The methods that were called, in order. */
    List<String> called() {
        return List.copyOf(called);
    }

    @Override
    public void close() {
        server.shutdownNow();
        target.close();
    }

    /** Messages as the bytes they are on the wire. */
    private enum Raw implements MethodDescriptor.Marshaller<byte[]> {
        BYTES;

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final class EveryMethod extends HandlerRegistry {
        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(
                String fullName, @Nullable String authority) {
            var method =
                    MethodDescriptor.newBuilder(Raw.BYTES, Raw.BYTES)
                            .setFullMethodName(fullName)
                            .setType(MethodDescriptor.MethodType.UNKNOWN)
                            .build();
            return ServerMethodDefinition.create(method, new Passing(method));
        }
    }

    private final class Passing implements ServerCallHandler<byte[], byte[]> {
        private final MethodDescriptor<byte[], byte[]> method;
        private final String name;

        Passing(MethodDescriptor<byte[], byte[]> method) {
            this.method = method;
            this.name = method.getFullMethodName().replaceFirst("^.*\\.", "");
        }

        @Override
        public ServerCall.Listener<byte[]> startCall(
                ServerCall<byte[], byte[]> from, Metadata headers) {
            called.add(name);
            if (broken.contains(name)) {
                from.close(Status.UNAVAILABLE, new Metadata());
                return new ServerCall.Listener<>() {};
            }
            if (lacking.contains(name)) {
                from.close(Status.UNIMPLEMENTED, new Metadata());
                return new ServerCall.Listener<>() {};
            }
            ClientCall<byte[], byte[]> to = target.channel().newCall(method, CallOptions.DEFAULT);
            to.start(new Back(from), headers);
            to.request(Integer.MAX_VALUE);
            from.request(Integer.MAX_VALUE);
            return new ServerCall.Listener<>() {
                @Override
                public void onMessage(byte[] message) {
                    to.sendMessage(message);
                }

                @Override
                public void onHalfClose() {
                    to.halfClose();
                }

                @Override
                public void onCancel() {
                    to.cancel("the caller is gone", null);
                }
            };
        }

        private final class Back extends ClientCall.Listener<byte[]> {
            private final ServerCall<byte[], byte[]> from;

            Back(ServerCall<byte[], byte[]> from) {
                this.from = from;
            }

            @Override
            public void onHeaders(Metadata headers) {
                from.sendHeaders(headers);
            }

            @Override
            public void onMessage(byte[] message) {
                from.sendMessage(
                        answers.getOrDefault(name, UnaryOperator.identity()).apply(message));
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                from.close(status, trailers);
            }
        }
    }
}

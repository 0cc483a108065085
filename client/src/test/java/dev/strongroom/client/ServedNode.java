package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.ServingNonce;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.proto.inference.ModelMetadataResponse;
import dev.strongroom.proto.inference.ServerLiveRequest;
import dev.strongroom.proto.inference.ServerLiveResponse;
import dev.strongroom.proto.v1.ChannelBinding;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.GetStandingRequest;
import dev.strongroom.proto.v1.GetStandingResponse;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import dev.strongroom.proto.v1.NodeEvidenceGrpc.NodeEvidenceImplBase;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;

/** A node's endpoint over real TLS, or somebody who stands in front of one. */
final class ServedNode implements AutoCloseable {
    private static final Context.Key<SSLSession> SESSION = Context.key("session");

    /** What a request for evidence is answered with. */
    @FunctionalInterface
    interface Answering {
        GetEvidenceResponse answer(GetEvidenceRequest request, SSLSession session) throws Exception;
    }

    /** What a request for the vault's last word is answered with. */
    @FunctionalInterface
    interface Word {
        GetStandingResponse answer(GetStandingRequest request) throws Exception;
    }

    private final Server server;
    final AtomicInteger calls = new AtomicInteger();
    final AtomicInteger evidenceCalls = new AtomicInteger();

    private ServedNode(
            KeyPair tls, X509Certificate certificate, Answering answering, Word word, int port)
            throws Exception {
        this.server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                        .sslContext(
                                GrpcSslContexts.configure(
                                                SslContextBuilder.forServer(
                                                        tls.getPrivate(), certificate),
                                                SslProvider.JDK)
                                        .protocols("TLSv1.3")
                                        .build())
                        .intercept(new Sessions())
                        .addService(new Evidence(answering, word))
                        .addService(new Inference())
                        .build()
                        .start();
    }

    /** The node itself. */
    static ServedNode of(TestNode node, X509Certificate certificate, int port) throws Exception {
        return new ServedNode(
                node.tls,
                certificate,
                (request, session) -> {
                    byte[] nonce = request.getNonce().toByteArray();
                    boolean bound =
                            request.getBinding() == ChannelBinding.CHANNEL_BINDING_TLS_EXPORTER;
                    byte[] exporter = ServingNonce.exporter(session).orElseThrow();
                    return (bound ? node.answer(nonce, exporter) : node.answer(nonce)).build();
                },
                _ -> GetStandingResponse.newBuilder().setStanding(node.standing()).build(),
                port);
    }

    /** Ends TLS itself, and has the node answer every request for evidence. */
    static ServedNode relay(ServedNode node, KeyPair tls, X509Certificate certificate, int port)
            throws Exception {
        return new ServedNode(tls, certificate, (request, _) -> node.ask(request), node::ask, port);
    }

    /** Has the node sign, as a nonce without a channel, what a caller expects on this channel. */
    static ServedNode launderer(ServedNode node, KeyPair tls, X509Certificate certificate, int port)
            throws Exception {
        return new ServedNode(
                tls,
                certificate,
                (request, session) -> {
                    byte[] nonce = request.getNonce().toByteArray();
                    byte[] exporter = ServingNonce.exporter(session).orElseThrow();
                    byte[] expected = ServingNonce.onChannel(nonce, exporter);
                    return node.ask(
                            request.toBuilder()
                                    .setNonce(ByteString.copyFrom(expected))
                                    .setBinding(ChannelBinding.CHANNEL_BINDING_PEER_KEY)
                                    .build());
                },
                node::ask,
                port);
    }

    private GetEvidenceResponse ask(GetEvidenceRequest request) throws Exception {
        ManagedChannel channel = channel();
        try {
            return NodeEvidenceGrpc.newBlockingStub(channel).getEvidence(request);
        } finally {
            channel.shutdownNow();
        }
    }

    private GetStandingResponse ask(GetStandingRequest request) throws Exception {
        ManagedChannel channel = channel();
        try {
            return NodeEvidenceGrpc.newBlockingStub(channel).getStanding(request);
        } finally {
            channel.shutdownNow();
        }
    }

    private ManagedChannel channel() throws Exception {
        return NettyChannelBuilder.forAddress("localhost", server.getPort())
                .sslContext(
                        GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                                .build())
                .build();
    }

    int port() {
        return server.getPort();
    }

    String address() {
        return "localhost:" + port();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Evidence extends NodeEvidenceImplBase {
        private final Answering answering;
        private final Word word;

        Evidence(Answering answering, Word word) {
            this.answering = answering;
            this.word = word;
        }

        @Override
        public void getStanding(
                GetStandingRequest request, StreamObserver<GetStandingResponse> observer) {
            try {
                observer.onNext(word.answer(request));
                observer.onCompleted();
            } catch (Exception e) {
                observer.onError(Status.INTERNAL.withCause(e).asException());
            }
        }

        @Override
        public void getEvidence(
                GetEvidenceRequest request, StreamObserver<GetEvidenceResponse> observer) {
            evidenceCalls.incrementAndGet();
            try {
                observer.onNext(answering.answer(request, SESSION.get()));
                observer.onCompleted();
            } catch (Exception e) {
                observer.onError(Status.INTERNAL.withCause(e).asException());
            }
        }
    }

    private static final class Inference extends GRPCInferenceServiceImplBase {
        @Override
        public void serverLive(
                ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
            observer.onNext(ServerLiveResponse.newBuilder().setLive(true).build());
            observer.onCompleted();
        }

        @Override
        public void modelMetadata(
                ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
            observer.onNext(ModelMetadataResponse.newBuilder().setName(request.getName()).build());
            observer.onCompleted();
        }
    }

    private final class Sessions implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            calls.incrementAndGet();
            SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
            return Contexts.interceptCall(
                    Context.current().withValue(SESSION, session), call, headers, next);
        }
    }
}

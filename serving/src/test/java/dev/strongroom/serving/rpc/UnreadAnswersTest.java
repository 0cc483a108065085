package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Tee;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.LoadedModels;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.Door;
import dev.strongroom.serving.access.LiveIdentity;
import dev.strongroom.serving.access.TestAuthority;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.access.WithdrawnKeys;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.engine.EngineOptions;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Callers who ask and never read. */
@Timeout(120)
class UnreadAnswersTest {
    private static final TestAuthority CA = new TestAuthority();
    private static final int BYTES = 1 << 20;

    @TempDir private Path scratch;
    private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();

    private static final class Open implements Admission {
        @Override
        public Optional<Refusal> take() {
            return Optional.empty();
        }

        @Override
        public Optional<Refusal> refusal() {
            return Optional.empty();
        }

        @Override
        public Optional<Refusal> interruption() {
            return Optional.empty();
        }
    }

    @Test
    void callersWhoNeverReadAreRefusedInTheEndAndTheirRoomComesBackWhenTheyGo() throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.UINT8, -1)
                        .output("y", OnnxModel.UINT8, -1)
                        .node("Identity", List.of("x"), List.of("y"))
                        .bytes();
        var limits = ServingLimits.of(BYTES, 2, 64).workingBytes(1L << 50);
        try (LoadedModel loaded = LoadedModels.of(Map.of("model.onnx", graph));
                Engine engine =
                        Engine.open(
                                loaded, new EngineOptions(1, new Profile.SingleCopy(), scratch));
                var path =
                        new InferencePath(
                                ServedModels.only(
                                        new ServedModel("acme/net", "1", engine, new Open())),
                                Guard.OPEN,
                                limits);
                var server = serve(path, limits)) {
            ManagedChannel deaf = channel(server);
            List<ClientCall<ModelInferRequest, ModelInferResponse>> unread = new ArrayList<>();
            while (ends.isEmpty() && unread.size() < 64) {
                unread.add(ask(deaf));
                Status early = ends.poll(200, TimeUnit.MILLISECONDS);
                if (early != null) {
                    ends.add(early);
                }
            }
            assertThat(ends.take().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(unread).hasSizeBetween(3, 40);

            deaf.shutdownNow();
            ManagedChannel polite = channel(server);
            assertThat(answered(polite)).isEqualTo(BYTES);
            polite.shutdownNow();
        }
    }

    /** Until the server has seen that the others have gone. */
    private static int answered(ManagedChannel channel) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                        .modelInfer(request())
                        .getRawOutputContents(0)
                        .size();
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        }
    }

    private ClientCall<ModelInferRequest, ModelInferResponse> ask(ManagedChannel channel) {
        ClientCall<ModelInferRequest, ModelInferResponse> call =
                channel.newCall(
                        GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ends.add(status);
                    }
                },
                new Metadata());
        call.sendMessage(request()); // and request(…), which would read the answer, never comes
        call.halfClose();
        return call;
    }

    private static ModelInferRequest request() {
        var request = ModelInferRequest.newBuilder().setModelName("acme/net");
        request.addInputsBuilder().setName("x").setDatatype("UINT8").addShape(BYTES);
        return request.addRawInputContents(ByteString.copyFrom(new byte[BYTES])).build();
    }

    private static NodeServer serve(InferencePath path, ServingLimits limits) throws Exception {
        Issued identity = CA.server();
        return NodeServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Door.of(
                        new LiveIdentity(identity.key(), identity.chain()),
                        new WithdrawnKeys(),
                        "acme",
                        Tee.SIMULATED,
                        limits,
                        ConnectionLimits.of(OutputPolicy.standard())),
                limits,
                List.of(new InferenceService(path, "0.1.0")));
    }

    private static ManagedChannel channel(NodeServer server) throws Exception {
        Issued identity = CA.client("acme", "consumer");
        return NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .flowControlWindow(BYTES / 4)
                .maxInboundMessageSize(4 * BYTES)
                .sslContext(
                        GrpcSslContexts.configure(SslContextBuilder.forClient())
                                .protocols("TLSv1.3")
                                .trustManager(CA.certificate())
                                .keyManager(
                                        identity.key(),
                                        identity.chain().toArray(X509Certificate[]::new))
                                .build())
                .build();
    }
}

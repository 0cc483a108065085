package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import dev.strongroom.attestation.Digest;
import dev.strongroom.proto.health.HealthGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelReadyRequest;
import dev.strongroom.proto.inference.ServerLiveRequest;
import dev.strongroom.proto.reflection.ServerReflectionGrpc;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.GetStandingRequest;
import dev.strongroom.proto.v1.GetStandingResponse;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.serving.access.TestAuthority;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.OpenLease;
import dev.strongroom.serving.infer.PeerLimits;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.infer.TestLimits;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in, over real TLS. */
class NodeServerTest {
    private static final PeerLimits REFLECTING =
            new PeerLimits(
                    PeerLimits.DEFAULT_IDLE,
                    PeerLimits.DEFAULT_CONNECTIONS_PER_ADDRESS,
                    PeerLimits.Reflection.ON);
    private static final TestPeers PEERS = new TestPeers();
    private static final int LIMIT_BYTES = 1 << 20;

    @TempDir private static Path scratch;
    private static OpenedModel opened;
    private static InferencePath inference;
    private static HealthService health;
    private static NodeServer server;
    private final List<ManagedChannel> channels = new ArrayList<>();

    @BeforeAll
    static void serve() throws Exception {
        opened = OpenedModel.of(OnnxModel.echo(), scratch);
        var limits = TestLimits.workingBytes(ServingLimits.of(LIMIT_BYTES, 1, 8), 1L << 50);
        var models =
                ServedModels.only(
                        new ServedModel("acme/net", "1", opened.engine(), new OpenLease()));
        inference = new InferencePath(models, Guard.OPEN, limits);
        health = HealthService.start(inference);
        server =
                PEERS.serve(
                        TestLimits.peers(limits, REFLECTING),
                        new InferenceService(inference, "0.1.0"),
                        new NodeEvidenceGrpc.NodeEvidenceImplBase() {
                            @Override
                            public void getEvidence(
                                    GetEvidenceRequest request,
                                    StreamObserver<GetEvidenceResponse> observer) {
                                Replies.send(observer, GetEvidenceResponse.getDefaultInstance());
                            }

                            @Override
                            public void getStanding(
                                    GetStandingRequest request,
                                    StreamObserver<GetStandingResponse> observer) {
                                Replies.send(observer, GetStandingResponse.getDefaultInstance());
                            }
                        },
                        health,
                        new ReleaseGrpc.ReleaseImplBase() {});
    }

    @AfterAll
    static void stop() {
        health.close();
        server.close();
        inference.close();
        opened.close();
    }

    @AfterEach
    void closeChannels() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @Test
    void letsConsumersAndOwnersOfItsTenantCallEverythingItServes() {
        for (String role : List.of("consumer", "owner")) {
            Channel channel = channel(Optional.of(PEERS.caller(role)));
            for (MethodDescriptor<?, ?> method : servedMethods()) {
                assertThat(reason(channel, method))
                        .as("%s as %s", method.getFullMethodName(), role)
                        .isIn("", "MODEL_NOT_FOUND", "OPERATOR_ONLY");
            }
        }
    }

    @Test
    void refusesEveryMethodToEverybodyElse() {
        Map<String, Optional<Issued>> strangers =
                Map.of(
                        "CERTIFICATE_REQUIRED", Optional.empty(),
                        "TENANT_DENIED", Optional.of(PEERS.ca().client("other", "consumer")),
                        "ROLE_DENIED", Optional.of(PEERS.caller("node")),
                        "CERTIFICATE_UNKNOWN",
                                Optional.of(PEERS.ca().client("https://acme/consumer")));
        strangers.forEach((reason, identity) -> {
            Channel channel = channel(identity);
            for (MethodDescriptor<?, ?> method : servedMethods()) {
                assertThat(reason(channel, method))
                        .as(method.getFullMethodName())
                        .isEqualTo(reason);
            }
        });
    }

    @Test
    void refusesAClientWhoseCertificateWasWithdrawn() {
        Issued lost = PEERS.caller("consumer");
        Channel channel = channel(Optional.of(lost));
        MethodDescriptor<?, ?> ready = GRPCInferenceServiceGrpc.getServerReadyMethod();
        assertThat(reason(channel, ready)).isEmpty();
        PEERS.withdrawn()
                .add(List.of(Digest.sha256(lost.chain().getFirst().getPublicKey().getEncoded())));
        assertThat(reason(channel, ready)).isEqualTo("CERTIFICATE_WITHDRAWN");
        assertThat(reasonAs(PEERS.caller("consumer"))).isEmpty();
    }

    /** Who was withdrawn meanwhile is not known then. */
    @Test
    void describesModelsOnlyWhileTheVaultSaysWhoseCertificatesAreWithdrawn() {
        Channel channel = channel(Optional.of(PEERS.caller("consumer")));
        PEERS.withdrawn().keptBy(tenant -> !tenant.equals("acme"));
        try {
            for (MethodDescriptor<?, ?> method :
                    List.of(
                            GRPCInferenceServiceGrpc.getModelReadyMethod(),
                            GRPCInferenceServiceGrpc.getModelMetadataMethod(),
                            GRPCInferenceServiceGrpc.getModelConfigMethod(),
                            GRPCInferenceServiceGrpc.getModelStatisticsMethod(),
                            GRPCInferenceServiceGrpc.getRepositoryIndexMethod())) {
                assertThat(reason(channel, method))
                        .as(method.getFullMethodName())
                        .isEqualTo("NO_LEASE");
            }
            assertThat(reason(channel, GRPCInferenceServiceGrpc.getServerReadyMethod())).isEmpty();
        } finally {
            PEERS.withdrawn().keptBy(_ -> true);
        }
        assertThat(reason(channel, GRPCInferenceServiceGrpc.getRepositoryIndexMethod())).isEmpty();
    }

    @Test
    void refusesOtherRolesAndOddNames() {
        assertThat(reasonAs(PEERS.caller("operator"))).isEqualTo("ROLE_DENIED");
        assertThat(reasonAs(PEERS.caller("auditor"))).isEqualTo("ROLE_DENIED");
        assertThat(reasonAs(PEERS.ca().client("-", "consumer"))).isEqualTo("TENANT_DENIED");
        assertThat(reasonAs(PEERS.ca().client("spiffe://strongroom/acme/consumer/a/b")))
                .isEqualTo("CERTIFICATE_UNKNOWN");
        assertThat(reasonAs(PEERS.ca().client("spiffe://elsewhere/acme/consumer/a")))
                .isEqualTo("CERTIFICATE_UNKNOWN");
        assertThat(
                        reasonAs(
                                PEERS.ca()
                                        .client(
                                                "spiffe://strongroom/acme/consumer/a",
                                                "spiffe://strongroom/other/owner/b")))
                .as("two identities are none")
                .isEqualTo("CERTIFICATE_UNKNOWN");
        assertThat(reasonAs(PEERS.ca().client())).isEqualTo("CERTIFICATE_UNKNOWN");
    }

    @Test
    void refusesAMethodWithoutARuleToEverybody() {
        Channel channel = channel(Optional.of(PEERS.caller("owner")));
        for (MethodDescriptor<?, ?> method : ReleaseGrpc.getServiceDescriptor().getMethods()) {
            assertThat(reason(channel, method)).isEqualTo("NO_RULE");
        }
    }

    @Test
    void endsTheHandshakeOfAnExpiredCertificateOrOneOfAnotherAuthority() {
        assertThat(code(channel(Optional.of(PEERS.ca().expired("acme", "consumer")))))
                .isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(code(channel(Optional.of(new TestAuthority().client("acme", "consumer")))))
                .isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void speaksTls13Only() {
        assertThat(code(channel(Optional.of(PEERS.caller("consumer")), "TLSv1.2")))
                .isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void saysOnAnswersAndRefusalsWhatKindOfMachineAnswers() {
        var headers = new AtomicReference<Metadata>();
        var trailers = new AtomicReference<Metadata>();
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(
                                channel(Optional.of(PEERS.caller("consumer"))))
                        .withInterceptors(
                                MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
        stub.serverLive(ServerLiveRequest.getDefaultInstance());
        assertThat(tee(headers)).isEqualTo("simulated");
        assertThatThrownBy(() -> stub.modelReady(ModelReadyRequest.getDefaultInstance()))
                .isInstanceOf(StatusRuntimeException.class);
        assertThat(tee(trailers)).isEqualTo("simulated");
    }

    @Test
    void takesAMessageOfTheLimitAndNoneMuchAbove() {
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(
                        channel(Optional.of(PEERS.caller("consumer"))));
        assertThat(stub.modelInfer(request(LIMIT_BYTES)).getRawOutputContents(0).size())
                .isEqualTo(LIMIT_BYTES);
        assertThatThrownBy(() -> stub.modelInfer(request(2 * LIMIT_BYTES)))
                .satisfies(e ->
                        assertThat(Status.fromThrowable(e).getCode())
                                .isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
        assertThat(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    }

    private static String tee(AtomicReference<Metadata> captured) {
        var metadata = Objects.requireNonNull(captured.get());
        return Objects.requireNonNullElse(metadata.get(TeeInterceptor.TEE), "none");
    }

    private static ModelInferRequest request(int bytes) {
        var request = ModelInferRequest.newBuilder().setModelName("acme/net");
        request.addInputsBuilder().setName("x").setDatatype("UINT8").addShape(bytes);
        return request.addRawInputContents(ByteString.copyFrom(new byte[bytes])).build();
    }

    private static List<MethodDescriptor<?, ?>> servedMethods() {
        List<MethodDescriptor<?, ?>> methods = new ArrayList<>();
        for (ServiceDescriptor service :
                List.of(
                        GRPCInferenceServiceGrpc.getServiceDescriptor(),
                        NodeEvidenceGrpc.getServiceDescriptor(),
                        HealthGrpc.getServiceDescriptor(),
                        ServerReflectionGrpc.getServiceDescriptor())) {
            methods.addAll(service.getMethods());
        }
        assertThat(methods).hasSize(17);
        return methods;
    }

    private String reasonAs(Issued identity) {
        return reason(
                channel(Optional.of(identity)), GRPCInferenceServiceGrpc.getServerLiveMethod());
    }

    private static Status.Code code(Channel channel) {
        try {
            GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .serverLive(ServerLiveRequest.getDefaultInstance());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    /** Empty when the call succeeded. */
    private static <Q, A> String reason(Channel channel, MethodDescriptor<Q, A> method) {
        var marshaller = (PrototypeMarshaller<Q>) method.getRequestMarshaller();
        Q request = marshaller.getMessagePrototype();
        assertThat(request).isInstanceOf(Message.class);
        try {
            var answers =
                    ClientCalls.blockingServerStreamingCall(
                            channel,
                            method,
                            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                            Objects.requireNonNull(request));
            assertThat(answers.hasNext()).isTrue(); // watches go on after their first
            return "";
        } catch (StatusRuntimeException e) {
            var status = StatusProto.fromThrowable(e);
            try {
                return status.getDetails(0).unpack(ErrorInfo.class).getReason();
            } catch (Exception other) {
                throw new AssertionError("no ErrorInfo in " + e, other);
            }
        }
    }

    private Channel channel(Optional<Issued> identity) {
        return channel(identity, "TLSv1.3");
    }

    private Channel channel(Optional<Issued> identity, String protocol) {
        ManagedChannel channel = PEERS.channel(server, identity, protocol).build();
        channels.add(channel);
        return channel;
    }
}

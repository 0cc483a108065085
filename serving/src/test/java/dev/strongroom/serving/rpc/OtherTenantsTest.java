package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.proto.health.HealthCheckRequest;
import dev.strongroom.proto.health.HealthCheckResponse.ServingStatus;
import dev.strongroom.proto.health.HealthGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.strongroom.proto.inference.ModelConfigRequest;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.proto.inference.ModelReadyRequest;
import dev.strongroom.proto.inference.ModelStatistics;
import dev.strongroom.proto.inference.ModelStatisticsRequest;
import dev.strongroom.proto.inference.RepositoryIndexRequest;
import dev.strongroom.proto.inference.RepositoryIndexResponse.ModelIndex;
import dev.strongroom.proto.inference.ServerReadyRequest;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.LiveLimits;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.OpenLease;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.models.Footprint;
import dev.strongroom.serving.models.ModelRegistry;
import dev.strongroom.serving.models.Resident;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a caller learns of another tenant's models on the node that serves his own: nothing. */
@Timeout(60)
class OtherTenantsTest {
    private static final ServingLimits LIMITS = ServingLimits.of(1 << 20, 1, 8);
    private static final String OWN = "acme/net";
    private static final String THEIRS = "globex/net";
    private static final String NONE = "globex/none";

    private static final List<BiConsumer<ManagedChannel, String>> QUESTIONS =
            List.of(
                    (channel, name) ->
                            stub(channel)
                                    .modelReady(
                                            ModelReadyRequest.newBuilder().setName(name).build()),
                    (channel, name) ->
                            stub(channel)
                                    .modelMetadata(
                                            ModelMetadataRequest.newBuilder()
                                                    .setName(name)
                                                    .build()),
                    (channel, name) ->
                            stub(channel)
                                    .modelMetadata(
                                            ModelMetadataRequest.newBuilder()
                                                    .setName(name)
                                                    .setVersion("9")
                                                    .build()),
                    (channel, name) ->
                            stub(channel)
                                    .modelConfig(
                                            ModelConfigRequest.newBuilder().setName(name).build()),
                    (channel, name) ->
                            stub(channel)
                                    .modelStatistics(
                                            ModelStatisticsRequest.newBuilder()
                                                    .setName(name)
                                                    .build()),
                    (channel, name) -> stub(channel).modelInfer(inference(name)),
                    (channel, name) ->
                            HealthGrpc.newBlockingStub(channel)
                                    .check(
                                            HealthCheckRequest.newBuilder()
                                                    .setService(name)
                                                    .build()));

    @TempDir private Path scratch;
    private final TestPeers peers = new TestPeers();
    private final List<AutoCloseable> open = new ArrayList<>();
    private ModelRegistry models;
    private NodeServer server;
    private ManagedChannel ofAcme;
    private ManagedChannel ofGlobex;

    @BeforeEach
    void serve() throws Exception {
        OpenedModel opened = kept(OpenedModel.of(OnnxModel.echo(), scratch));
        models = kept(new ModelRegistry(100, InstantSource.system()));
        for (String name : List.of(OWN, THEIRS)) {
            var served = new ServedModel(name, "1", opened.engine(), new OpenLease());
            assertThat(models.claim(name, 10)).isTrue();
            models.put(new Resident(served, Footprint.of(10), () -> {}));
        }
        var path = kept(new InferencePath(models, Guard.OPEN, LIMITS));
        var health = kept(HealthService.start(path));
        var connections = new LiveLimits(() -> ConnectionLimits.of(OutputPolicy.standard()));
        server =
                kept(
                        TestPeers.serve(
                                peers.door(LIMITS, connections, Set.of("acme", "globex")),
                                LIMITS,
                                new InferenceService(path, "0.1.0"),
                                health));
        ofAcme = channel("spiffe://strongroom/acme/consumer/somebody");
        ofGlobex = channel("spiffe://strongroom/globex/consumer/somebody");
    }

    private <T extends AutoCloseable> T kept(T closed) {
        open.add(closed);
        return closed;
    }

    private ManagedChannel channel(String identity) {
        ManagedChannel channel =
                peers.channel(server, peers.ca().client(new String[] {identity})).build();
        open.add(channel::shutdownNow);
        return channel;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void whatThereIsAnswersItsOwnTenant() {
        for (var question : QUESTIONS.subList(3, QUESTIONS.size())) {
            question.accept(ofAcme, OWN);
            question.accept(ofGlobex, THEIRS);
        }
    }

    @Test
    void anotherTenantsModelIsLikeOneThatDoesNotExist() {
        for (var question : QUESTIONS) {
            Status ofTheirs = refusal(question, THEIRS);
            assertThat(ofTheirs.getCode()).isEqualTo(Status.Code.NOT_FOUND);
            assertThat(ofTheirs.getDescription())
                    .isEqualTo(said(refusal(question, NONE)).replace(NONE, THEIRS));
        }
    }

    private Status refusal(BiConsumer<ManagedChannel, String> question, String name) {
        return catchThrowableOfType(
                        StatusRuntimeException.class, () -> question.accept(ofAcme, name))
                .getStatus();
    }

    private static String said(Status status) {
        return String.valueOf(status.getDescription());
    }

    @Test
    void listsAndStatisticsAreOfItsOwnTenant() {
        assertThat(
                        stub(ofAcme)
                                .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                                .getModelsList())
                .extracting(ModelIndex::getName)
                .containsExactly(OWN);
        assertThat(
                        stub(ofGlobex)
                                .modelStatistics(ModelStatisticsRequest.getDefaultInstance())
                                .getModelStatsList())
                .extracting(ModelStatistics::getName)
                .containsExactly(THEIRS);
    }

    @Test
    void theNodeIsReadyForWhoseModelsAreThere() {
        assertThat(ready(ofAcme)).isTrue();
        assertThat(models.remove(OWN)).isTrue();
        assertThat(ready(ofAcme)).isFalse();
        assertThat(ready(ofGlobex)).isTrue();
        var node = HealthCheckRequest.getDefaultInstance();
        assertThat(HealthGrpc.newBlockingStub(ofAcme).check(node).getStatus())
                .isEqualTo(ServingStatus.NOT_SERVING);
        var theirs = HealthCheckRequest.newBuilder().setService(THEIRS).build();
        assertThat(HealthGrpc.newBlockingStub(ofAcme).watch(theirs).next().getStatus())
                .isEqualTo(ServingStatus.SERVICE_UNKNOWN);
    }

    private static boolean ready(ManagedChannel channel) {
        return stub(channel).serverReady(ServerReadyRequest.getDefaultInstance()).getReady();
    }

    @Test
    void callsThatOneTenantsIdentitiesLeaveOpenKeepNothingFromAnothersCallers() throws Exception {
        var refused = new CountDownLatch(32); // of those that follow, half
        for (String name : List.of("eve", "eva")) {
            ManagedChannel channel = channel("spiffe://strongroom/acme/consumer/" + name);
            for (int i = 0; i < 32; i++) {
                leaveOpen(channel, refused);
            }
        }
        assertThat(refused.await(30, TimeUnit.SECONDS)).isTrue();

        Status third =
                catchThrowableOfType(
                                StatusRuntimeException.class,
                                () -> ready(channel("spiffe://strongroom/acme/consumer/ann")))
                        .getStatus();

        assertThat(third.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(ready(ofGlobex)).isTrue();
    }

    private static void leaveOpen(ManagedChannel channel, CountDownLatch refused) {
        var sentAtOnce = // though no message follows
                GRPCInferenceServiceGrpc.getServerReadyMethod().toBuilder()
                        .setType(MethodType.BIDI_STREAMING)
                        .build();
        channel.newCall(sentAtOnce, CallOptions.DEFAULT)
                .start(
                        new ClientCall.Listener<>() {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
                                    refused.countDown();
                                }
                            }
                        },
                        new Metadata());
    }

    private static GRPCInferenceServiceBlockingStub stub(ManagedChannel channel) {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    private static ModelInferRequest inference(String name) {
        var request = ModelInferRequest.newBuilder().setModelName(name);
        request.addInputsBuilder().setName("x").setDatatype("UINT8").addShape(8);
        return request.addRawInputContents(ByteString.copyFrom(new byte[8])).build();
    }
}

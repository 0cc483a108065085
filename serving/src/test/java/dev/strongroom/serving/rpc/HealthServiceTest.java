package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import dev.strongroom.proto.health.HealthCheckRequest;
import dev.strongroom.proto.health.HealthCheckResponse;
import dev.strongroom.proto.health.HealthCheckResponse.ServingStatus;
import dev.strongroom.proto.health.HealthGrpc;
import dev.strongroom.proto.reflection.ServerReflectionGrpc;
import dev.strongroom.proto.reflection.ServerReflectionRequest;
import dev.strongroom.proto.reflection.ServerReflectionResponse;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.models.Footprint;
import dev.strongroom.serving.models.ModelRegistry;
import dev.strongroom.serving.models.Resident;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node says of its health, and of its services where that is on. */
@Timeout(60)
class HealthServiceTest {
    private static final String NAME = "acme/net";

    @TempDir private Path scratch;
    private final ModelRegistry models = new ModelRegistry(1 << 20, InstantSource.system());
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private volatile Optional<Admission.Refusal> ended = Optional.empty();
    private OpenedModel opened;
    private InferencePath path;
    private HealthService health;
    private Server server;
    private ManagedChannel channel;

    /** As the test says. */
    private final class Lease implements Admission {
        @Override
        public Optional<Refusal> take() {
            return ended;
        }

        @Override
        public Optional<Refusal> refusal() {
            return ended;
        }

        @Override
        public Optional<Refusal> interruption() {
            return ended;
        }
    }

    @BeforeEach
    void serve() throws Exception {
        opened = OpenedModel.of(OnnxModel.echo(), scratch);
        assertThat(models.claim(NAME, 1)).isTrue();
        models.put(
                new Resident(
                        new ServedModel(NAME, "3", opened.engine(), new Lease()),
                        Footprint.of(1),
                        () -> {}));
        path = new InferencePath(models, Guard.OPEN, ServingLimits.of(1 << 20, 1, 8));
        health = HealthService.start(path);
        List<BindableService> services = List.of(new InferenceService(path, "0.1.0"), health);
        server =
                InProcessServerBuilder.forName(scratch.toString())
                        .directExecutor()
                        .addService(health)
                        .addService(new ReflectionService(services))
                        .intercept(new TestCaller())
                        .build()
                        .start();
        channel = InProcessChannelBuilder.forName(scratch.toString()).directExecutor().build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
        health.close();
        path.close();
        models.close();
        opened.close();
    }

    @Test
    void nodeServiceAndModelServeWhileTheLeaseIsOpenAndNotFromTheMomentThatItEnds() {
        var names = List.of("", "inference.GRPCInferenceService", NAME);
        assertThat(names).allMatch(name -> check(name) == ServingStatus.SERVING);

        ended = Optional.of(new Admission.Refusal("LEASE_REVOKED", "revoked"));

        assertThat(names).allMatch(name -> check(name) == ServingStatus.NOT_SERVING);
    }

    @Test
    void aModelThatWentIsUnknownAndTheNodeServesNothing() {
        models.remove(NAME);

        assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);
        assertThatThrownBy(() -> check(NAME))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    }

    @Test
    void whoWatchesHearsOfEachChangeAndOfTheEnd() throws Exception {
        watch(NAME);
        assertThat(next()).isEqualTo("SERVING");
        ended = Optional.of(new Admission.Refusal("LEASE_EXPIRED", "expired"));
        assertThat(next()).isEqualTo("NOT_SERVING");
        ended = Optional.empty();
        assertThat(next()).isEqualTo("SERVING");
        models.remove(NAME);
        assertThat(next()).isEqualTo("SERVICE_UNKNOWN");

        health.close();

        assertThat(next()).isEqualTo("UNAVAILABLE");
    }

    @Test
    void aNodeThatStopsIsNotServingBeforeItIsGone() throws Exception {
        watch("");
        assertThat(next()).isEqualTo("SERVING");

        health.close();

        assertThat(next()).isEqualTo("NOT_SERVING");
        assertThat(next()).isEqualTo("UNAVAILABLE");
        assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);
    }

    @Test
    void reflectionNamesTheServicesAndDescribesTheirMessages() throws Exception {
        ServerReflectionResponse services =
                reflect(ServerReflectionRequest.newBuilder().setListServices("*").build());
        assertThat(services.getListServicesResponse().getServiceList())
                .extracting(service -> service.getName())
                .containsExactlyInAnyOrder(
                        "inference.GRPCInferenceService",
                        "grpc.health.v1.Health",
                        "grpc.reflection.v1.ServerReflection");

        ServerReflectionResponse file =
                reflect(
                        ServerReflectionRequest.newBuilder()
                                .setFileContainingSymbol("inference.ModelInferRequest")
                                .build());
        var described =
                FileDescriptorProto.parseFrom(
                        file.getFileDescriptorResponse().getFileDescriptorProto(0));
        assertThat(described.getMessageTypeList())
                .extracting(message -> message.getName())
                .contains("ModelInferRequest", "ModelInferResponse");
        assertThat(
                        reflect(
                                        ServerReflectionRequest.newBuilder()
                                                .setFileByFilename("/etc/passwd")
                                                .build())
                                .getErrorResponse()
                                .getErrorCode())
                .isEqualTo(Status.Code.NOT_FOUND.value());
    }

    private ServingStatus check(String service) {
        return HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    private void watch(String service) {
        HealthGrpc.newStub(channel)
                .watch(
                        HealthCheckRequest.newBuilder().setService(service).build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(HealthCheckResponse response) {
                                heard.add(response.getStatus().name());
                            }

                            @Override
                            public void onError(Throwable e) {
                                heard.add(Status.fromThrowable(e).getCode().name());
                            }

                            @Override
                            public void onCompleted() {
                                heard.add("completed");
                            }
                        });
    }

    private String next() throws InterruptedException {
        return Optional.ofNullable(heard.poll(30, TimeUnit.SECONDS)).orElse("nothing");
    }

    private ServerReflectionResponse reflect(ServerReflectionRequest request) throws Exception {
        BlockingQueue<ServerReflectionResponse> answers = new LinkedBlockingQueue<>();
        var requests =
                ServerReflectionGrpc.newStub(channel)
                        .serverReflectionInfo(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(ServerReflectionResponse answer) {
                                        answers.add(answer);
                                    }

                                    @Override
                                    public void onError(Throwable e) {}

                                    @Override
                                    public void onCompleted() {}
                                });
        requests.onNext(request);
        requests.onCompleted();
        return Optional.ofNullable(answers.poll(30, TimeUnit.SECONDS)).orElseThrow();
    }
}

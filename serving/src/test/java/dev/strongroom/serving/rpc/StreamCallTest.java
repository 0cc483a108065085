package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelConfigRequest;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelStatisticsRequest;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.proto.inference.RepositoryIndexRequest;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.OpenLease;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.testkit.Eventually;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Triton's extensions, over gRPC. */
@Timeout(60)
class StreamCallTest {
    private static final String NAME = "acme/double";

    @TempDir private Path scratch;
    private OpenedModel opened;
    private InferencePath path;
    private Server server;
    private ManagedChannel channel;
    private final BlockingQueue<ModelStreamInferResponse> answers = new LinkedBlockingQueue<>();
    private final BlockingQueue<Status> end = new LinkedBlockingQueue<>();

    @BeforeEach
    void serve() throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.UINT8, -1)
                        .output("y", OnnxModel.UINT8, -1)
                        .node("Add", List.of("x", "x"), List.of("y"))
                        .bytes();
        opened = OpenedModel.of(graph, scratch);
        var models =
                ServedModels.only(new ServedModel(NAME, "3", opened.engine(), new OpenLease()));
        path = new InferencePath(models, Guard.OPEN, ServingLimits.of(1 << 20, 2, 1000));
        server =
                InProcessServerBuilder.forName(scratch.toString())
                        .directExecutor()
                        .addService(new InferenceService(path, "0.1.0"))
                        .intercept(new TestCaller())
                        .build()
                        .start();
        channel = InProcessChannelBuilder.forName(scratch.toString()).build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
        path.close();
        opened.close();
    }

    @Test
    void answersInTheOrderOfTheRequestsAndEndsWhenAllAreAnswered() throws Exception {
        StreamObserver<ModelInferRequest> stream = stream();
        for (int i = 0; i < 500; i++) {
            stream.onNext(request("" + i, i % 100));
        }
        stream.onCompleted();

        for (int i = 0; i < 500; i++) {
            var answer = next().getInferResponse();
            assertThat(answer.getId()).isEqualTo("" + i);
            assertThat(answer.getRawOutputContents(0).byteAt(0)).isEqualTo((byte) (i % 100 * 2));
        }
        assertThat(ended().isOk()).isTrue();
    }

    @Test
    void aRefusedRequestIsAnsweredInItsTurnAndTheStreamGoesOn() throws Exception {
        StreamObserver<ModelInferRequest> stream = stream();
        stream.onNext(request("a", 1));
        stream.onNext(request("b", 1).toBuilder().setModelName("nope").build());
        stream.onNext(request("c", 1));
        stream.onCompleted();

        assertThat(next().getErrorMessage()).isEmpty();
        ModelStreamInferResponse refused = next();
        assertThat(refused.getErrorMessage()).startsWith("MODEL_NOT_FOUND");
        assertThat(refused.getInferResponse().getId()).isEqualTo("b");
        assertThat(next().getInferResponse().getId()).isEqualTo("c");
        assertThat(ended().isOk()).isTrue();
    }

    /** However cancelling and answering fall together. */
    @Test
    void streamsThatAreGivenUpWhileTheyAreAnsweredLeaveNothingBehind() throws Exception {
        for (int round = 0; round < 300; round++) {
            ClientCall<ModelInferRequest, ModelStreamInferResponse> call =
                    channel.newCall(
                            GRPCInferenceServiceGrpc.getModelStreamInferMethod(),
                            CallOptions.DEFAULT);
            call.start(new ClientCall.Listener<>() {}, new Metadata());
            for (int i = 0; i < 8; i++) {
                call.sendMessage(request("" + i, 1));
            }
            for (int spin = 0; spin < round * 50; spin++) {
                Thread.onSpinWait();
            }
            call.cancel("given up", null);
        }
        long share = 2 * ServingLimits.of(1 << 20, 2, 1000).framedBytes(); // of one identity
        Eventually.holds(() -> whole(share));
    }

    private boolean whole(long share) {
        try {
            path.unread().take(TestCaller.CALLER, share);
            path.unread().give(TestCaller.CALLER, share);
            return true;
        } catch (RefusedException e) {
            return false;
        }
    }

    @Test
    void aStreamWithoutARequestEnds() throws Exception {
        stream().onCompleted();

        assertThat(ended().isOk()).isTrue();
        assertThat(answers).isEmpty();
    }

    @Test
    void aCallWithTwoRequestsIsRefusedAndTakesNoWorkerWithIt() throws Exception {
        for (int i = 0; i < 20; i++) {
            var ended = new CompletableFuture<Status>();
            ClientCall<ModelInferRequest, ModelInferResponse> call =
                    channel.newCall(twice(), CallOptions.DEFAULT);
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            ended.complete(status);
                        }
                    },
                    new Metadata());
            call.request(1);
            call.sendMessage(request("a", 1));
            call.sendMessage(request("b", 1));
            call.halfClose();
            assertThat(ended.get(30, TimeUnit.SECONDS).getCode())
                    .isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
        assertThat(
                        GRPCInferenceServiceGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(30, TimeUnit.SECONDS)
                                .modelInfer(request("c", 1))
                                .getId())
                .isEqualTo("c");
    }

    /** A unary method as a client sees it who does not keep to that. */
    private static MethodDescriptor<ModelInferRequest, ModelInferResponse> twice() {
        return GRPCInferenceServiceGrpc.getModelInferMethod().toBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .build();
    }

    @Test
    void describesItsModelsAsTritonDoes() throws Exception {
        var client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
        assertThat(client.modelInfer(request("a", 1)).getId()).isEqualTo("a");

        var config =
                client.modelConfig(ModelConfigRequest.newBuilder().setName(NAME).build())
                        .getConfig();
        assertThat(config.getName()).isEqualTo(NAME);
        assertThat(config.getInput(0).getDataType().name()).isEqualTo("TYPE_UINT8");
        var statistics =
                client.modelStatistics(ModelStatisticsRequest.getDefaultInstance())
                        .getModelStats(0);
        assertThat(statistics.getName()).isEqualTo(NAME);
        assertThat(statistics.getInferenceStats().getSuccess().getCount()).isEqualTo(1);
        assertThat(statistics.getInferenceCount()).isEqualTo(1);
        assertThat(statistics.getExecutionCount()).isEqualTo(1);
        assertThat(statistics.getLastInference()).isPositive();
        var index = client.repositoryIndex(RepositoryIndexRequest.getDefaultInstance());
        assertThat(index.getModels(0).getName()).isEqualTo(NAME);
        assertThat(index.getModels(0).getState()).isEqualTo("READY");
    }

    private StreamObserver<ModelInferRequest> stream() {
        return GRPCInferenceServiceGrpc.newStub(channel)
                .modelStreamInfer(
                        new StreamObserver<>() {
                            @Override
                            public void onNext(ModelStreamInferResponse answer) {
                                answers.add(answer);
                            }

                            @Override
                            public void onError(Throwable e) {
                                end.add(Status.fromThrowable(e));
                            }

                            @Override
                            public void onCompleted() {
                                end.add(Status.OK);
                            }
                        });
    }

    private ModelStreamInferResponse next() throws InterruptedException {
        return Optional.ofNullable(answers.poll(30, TimeUnit.SECONDS)).orElseThrow();
    }

    private Status ended() throws InterruptedException {
        return Optional.ofNullable(end.poll(30, TimeUnit.SECONDS)).orElseThrow();
    }

    private static ModelInferRequest request(String id, int value) {
        var request = ModelInferRequest.newBuilder().setModelName(NAME).setId(id);
        request.addInputsBuilder().setName("x").setDatatype("UINT8").addShape(1);
        return request.addRawInputContents(ByteString.copyFrom(new byte[] {(byte) value})).build();
    }
}

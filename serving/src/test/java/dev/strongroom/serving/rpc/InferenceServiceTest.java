package dev.strongroom.serving.rpc;

import static dev.strongroom.serving.rpc.PassThrough.NAME;
import static dev.strongroom.serving.rpc.PassThrough.QUEUED;
import static dev.strongroom.serving.rpc.PassThrough.SECRET;
import static dev.strongroom.serving.rpc.PassThrough.WORKERS;
import static dev.strongroom.serving.rpc.PassThrough.bytes;
import static dev.strongroom.serving.rpc.PassThrough.floats;
import static dev.strongroom.serving.rpc.PassThrough.input;
import static dev.strongroom.serving.rpc.PassThrough.output;
import static dev.strongroom.serving.rpc.PassThrough.raw;
import static dev.strongroom.serving.rpc.PassThrough.refusedWith;
import static dev.strongroom.serving.rpc.PassThrough.string;
import static dev.strongroom.serving.rpc.PassThrough.typed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.proto.inference.ModelReadyRequest;
import dev.strongroom.proto.inference.ServerLiveRequest;
import dev.strongroom.proto.inference.ServerMetadataRequest;
import dev.strongroom.proto.inference.ServerReadyRequest;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.testkit.Eventually;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Open Inference Protocol over a real session, through gRPC. */
class InferenceServiceTest {
    private static final InferParameter NO =
            InferParameter.newBuilder().setBoolParam(false).build();

    @TempDir private Path scratch;
    private PassThrough node;

    @BeforeEach
    void serve() throws Exception {
        node = new PassThrough(scratch);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void saysThatItIsAliveReadyAndWhatItIs() {
        assertThat(node.client.serverLive(ServerLiveRequest.getDefaultInstance()).getLive())
                .isTrue();
        assertThat(node.client.serverReady(ServerReadyRequest.getDefaultInstance()).getReady())
                .isTrue();
        var server = node.client.serverMetadata(ServerMetadataRequest.getDefaultInstance());
        assertThat(server.getName()).isEqualTo("strongroom");
        assertThat(server.getExtensionsList()).contains("model_repository", "statistics");
        assertThat(node.client.modelReady(ready(NAME, "")).getReady()).isTrue();
        assertThat(node.client.modelReady(ready(NAME, "3")).getReady()).isTrue();
    }

    @Test
    void describesTheModel() {
        var metadata =
                node.client.modelMetadata(ModelMetadataRequest.newBuilder().setName(NAME).build());
        assertThat(metadata.getPlatform()).isEqualTo("onnx_onnxv1");
        assertThat(metadata.getVersionsList()).containsExactly("3");
        assertThat(metadata.getInputsList())
                .extracting(t -> t.getName() + " " + t.getDatatype() + " " + t.getShapeList())
                .containsExactly(
                        "x FP32 [-1, 2]",
                        "ids INT64 [-1]",
                        "mask BOOL [2]",
                        "text BYTES [-1]",
                        "small INT8 [-1]");
        assertThat(metadata.getOutputsList())
                .extracting(t -> t.getName() + " " + t.getDatatype())
                .containsExactly(
                        "y FP32",
                        "ids_out INT64",
                        "mask_out BOOL",
                        "text_out BYTES",
                        "small_out INT8");
    }

    @Test
    void answersTypedWhereThatIsAskedFor() {
        var answer =
                node.client.modelInfer(typed().putParameters("binary_data_output", NO).build());
        assertThat(answer.getModelName()).isEqualTo(NAME);
        assertThat(answer.getModelVersion()).isEqualTo("3");
        assertThat(answer.getId()).isEqualTo("request-7");
        assertThat(answer.getRawOutputContentsCount()).isZero();
        assertThat(answer.getOutputs(0).getShapeList()).containsExactly(2L, 2L);
        assertThat(answer.getOutputs(0).getContents().getFp32ContentsList())
                .containsExactly(2f, 4f, 6f, 8f);
        assertThat(answer.getOutputs(1).getContents().getInt64ContentsList())
                .containsExactly(-1L, Long.MAX_VALUE);
        assertThat(answer.getOutputs(2).getContents().getBoolContentsList())
                .containsExactly(false, true);
        assertThat(answer.getOutputs(3).getContents().getBytesContents(0).toStringUtf8())
                .isEqualTo(SECRET);
        assertThat(answer.getOutputs(4).getContents().getIntContentsList())
                .containsExactly(-128, 127);
    }

    @Test
    void answersRawTensorsRaw() {
        ModelInferResponse answer = node.client.modelInfer(raw().build());
        assertThat(answer.getRawOutputContentsCount()).isEqualTo(5);
        assertThat(answer.getOutputsList()).noneMatch(output -> output.hasContents());
        assertThat(answer.getRawOutputContents(0)).isEqualTo(floats(2, 4, 6, 8));
        assertThat(answer.getRawOutputContents(3)).isEqualTo(string(SECRET));
    }

    @Test
    void answersTypedTensorsRawAsTritonDoes() {
        ModelInferResponse answer = node.client.modelInfer(typed().build());
        assertThat(answer.getOutputsList()).noneMatch(output -> output.hasContents());
        assertThat(answer.getRawOutputContents(0)).isEqualTo(floats(2, 4, 6, 8));
        assertThat(answer.getId()).isEqualTo("request-7");
    }

    @Test
    void answersTheNamedOutputsInTheOrderAsked() {
        var answer =
                node.client.modelInfer(
                        raw().addOutputs(output("mask_out")).addOutputs(output("y")).build());
        assertThat(answer.getOutputsList())
                .extracting(output -> output.getName())
                .containsExactly("mask_out", "y");
        assertThat(answer.getRawOutputContents(0)).isEqualTo(bytes(0, 1));
        assertThat(answer.getRawOutputContents(1)).isEqualTo(floats(2, 4, 6, 8));
    }

    @Test
    void acceptsTensorsWithoutElements() {
        var request = typed();
        request.setInputs(0, input("x", "FP32", 0, 2));
        request.setInputs(3, input("text", "BYTES", 0));
        request.putParameters("binary_data_output", NO);
        var answer = node.client.modelInfer(request.build());
        assertThat(answer.getOutputs(0).getShapeList()).containsExactly(0L, 2L);
        assertThat(answer.getOutputs(0).getContents().getFp32ContentsCount()).isZero();
        assertThat(answer.getOutputs(3).getContents().getBytesContentsCount()).isZero();
    }

    @Test
    void numbersThatAreNoneGoInAndComeOutAsTheModelSays() {
        var request = raw();
        request.setRawInputContents(
                0, floats(Float.NaN, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, Float.MIN_VALUE));
        ByteBuffer answer =
                node.client
                        .modelInfer(request.build())
                        .getRawOutputContents(0)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(answer.getFloat()).isNaN();
        assertThat(answer.getFloat()).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(answer.getFloat()).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(node.client.modelInfer(typed().build()).getOutputsCount()).isEqualTo(5);
    }

    @Test
    void refusesAtOnceWhenPoolAndAnIdentitysPartOfTheQueueAreFull() throws Exception {
        node.gate.acquireUninterruptibly();
        var future = GRPCInferenceServiceGrpc.newFutureStub(node.channel);
        List<ListenableFuture<ModelInferResponse>> waiting = new ArrayList<>();
        for (int i = 0; i < WORKERS + QUEUED / 2; i++) { // one identity's share of the queue
            waiting.add(future.modelInfer(typed().build()));
        }
        assertThatThrownBy(() -> node.client.modelInfer(typed().build()))
                .satisfies(refusedWith(Status.Code.RESOURCE_EXHAUSTED, "OVERLOADED", "try again"));
        node.gate.release();
        for (ListenableFuture<ModelInferResponse> each : waiting) {
            assertThat(each.get(60, TimeUnit.SECONDS).getOutputsCount()).isEqualTo(5);
        }
    }

    @Test
    void runsNothingForACallerWhoGaveUpWhileWaiting() throws Exception {
        node.gate.acquireUninterruptibly();
        var future = GRPCInferenceServiceGrpc.newFutureStub(node.channel);
        List<ListenableFuture<ModelInferResponse>> running = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            running.add(future.modelInfer(typed().build()));
        }
        var late = future.withDeadlineAfter(10, TimeUnit.MILLISECONDS).modelInfer(typed().build());
        assertThatThrownBy(() -> late.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .satisfies(e ->
                        assertThat(Status.fromThrowable(e).getCode())
                                .isEqualTo(Status.Code.DEADLINE_EXCEEDED));
        Eventually.holds(() -> node.givenUp.get() == 1);
        node.gate.release();
        for (ListenableFuture<ModelInferResponse> each : running) {
            each.get(60, TimeUnit.SECONDS);
        }
        node.service.close();
        assertThat(node.taken).hasValue(WORKERS);
    }

    @Test
    void refusesWhenTheLeaseIsOver() {
        node.refusal = Optional.of(new Admission.Refusal("LEASE_EXPIRED", "the lease ended"));
        assertThatThrownBy(() -> node.client.modelInfer(typed().build()))
                .satisfies(refusedWith(Status.Code.UNAVAILABLE, "LEASE_EXPIRED", "lease ended"));
        assertThat(node.client.modelReady(ready(NAME, "")).getReady()).isFalse();
    }

    @Test
    void aRequestThatIsRefusedUsesNothingOfTheLease() {
        node.refusal = Optional.of(new Admission.Refusal("LEASE_USED_UP", "none left"));
        var request = typed();
        request.setInputs(0, input("nope", "FP32", 2, 2));
        assertThatThrownBy(() -> node.client.modelInfer(request.build()))
                .satisfies(refusedWith(Status.Code.INVALID_ARGUMENT, "INPUT_UNKNOWN", "nope"));
    }

    @Test
    void isUnavailableOnceTheModelIsClosed() {
        node.opened.engine().close();
        assertThatThrownBy(() -> node.client.modelInfer(typed().build()))
                .satisfies(refusedWith(Status.Code.UNAVAILABLE, "CLOSED", "closed"));
    }

    @Test
    void refusesOtherModelsAndVersions() {
        assertThatThrownBy(() -> node.client.modelReady(ready("acme/other", "")))
                .satisfies(refusedWith(Status.Code.NOT_FOUND, "MODEL_NOT_FOUND", "acme/other"));
        assertThatThrownBy(() -> node.client.modelReady(ready(NAME, "4")))
                .satisfies(refusedWith(Status.Code.NOT_FOUND, "VERSION_NOT_FOUND", "expected: 3"));
        assertThatThrownBy(() ->
                        node.client.modelMetadata(
                                ModelMetadataRequest.newBuilder().setName("x").build()))
                .satisfies(refusedWith(Status.Code.NOT_FOUND, "MODEL_NOT_FOUND", NAME));
    }

    private static ModelReadyRequest ready(String name, String version) {
        return ModelReadyRequest.newBuilder().setName(name).setVersion(version).build();
    }
}

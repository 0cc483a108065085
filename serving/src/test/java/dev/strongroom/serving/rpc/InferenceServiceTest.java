package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.proto.inference.ModelInferRequest.InferRequestedOutputTensor;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.proto.inference.ModelReadyRequest;
import dev.strongroom.proto.inference.ServerLiveRequest;
import dev.strongroom.proto.inference.ServerMetadataRequest;
import dev.strongroom.proto.inference.ServerReadyRequest;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The Open Inference Protocol over a real session, through gRPC. */
class InferenceServiceTest {
    private static final String NAME = "acme/passthrough";
    private static final String HIDDEN = TensorSignature.PENULTIMATE;
    private static final InferParameter NO =
            InferParameter.newBuilder().setBoolParam(false).build();
    private static final String SECRET = "attack at dawn";
    private static final int WORKERS = 2;
    private static final int QUEUED = 8;

    @TempDir private Path scratch;
    private OpenedModel opened;
    private InferencePath service;
    private Server server;
    private ManagedChannel channel;
    private GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub client;
    private Optional<Admission.Refusal> refusal = Optional.empty();
    private Optional<Admission.Refusal> interruption = Optional.empty();
    private final Semaphore gate = new Semaphore(1);
    private final AtomicInteger taken = new AtomicInteger();

    @BeforeEach
    void serve() throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, -1, 2)
                        .input("ids", OnnxModel.INT64, -1)
                        .input("mask", OnnxModel.BOOL, 2)
                        .input("text", OnnxModel.STRING, -1)
                        .input("small", OnnxModel.INT8, -1)
                        .output("y", OnnxModel.FLOAT, -1, 2)
                        .output("ids_out", OnnxModel.INT64, -1)
                        .output("mask_out", OnnxModel.BOOL, 2)
                        .output("text_out", OnnxModel.STRING, -1)
                        .output("small_out", OnnxModel.INT8, -1)
                        .output(HIDDEN, OnnxModel.FLOAT, -1, 2) // what the guard alone sees
                        .node("Add", List.of("x", "x"), List.of("y"))
                        .node("Identity", List.of("y"), List.of(HIDDEN))
                        .node("Identity", List.of("ids"), List.of("ids_out"))
                        .node("Not", List.of("mask"), List.of("mask_out"))
                        .node("Identity", List.of("text"), List.of("text_out"))
                        .node("Identity", List.of("small"), List.of("small_out"))
                        .bytes();
        opened = OpenedModel.of(graph, scratch);
        var models = ServedModels.only(new ServedModel(NAME, "3", opened.engine(), new Lease()));
        service = new InferencePath(models, Guard.OPEN, ServingLimits.of(1 << 20, WORKERS, QUEUED));
        server =
                InProcessServerBuilder.forName(scratch.toString())
                        .directExecutor()
                        .addService(new InferenceService(service, "0.1.0"))
                        .intercept(new TestCaller())
                        .build()
                        .start();
        channel = InProcessChannelBuilder.forName(scratch.toString()).directExecutor().build();
        client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    /** Says what the test wants. */
    private final class Lease implements Admission {
        @Override
        public Optional<Refusal> take() {
            taken.incrementAndGet();
            gate.acquireUninterruptibly();
            gate.release();
            return refusal;
        }

        @Override
        public Optional<Refusal> refusal() {
            return refusal;
        }

        @Override
        public Optional<Refusal> interruption() {
            return interruption;
        }
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
        service.close();
        opened.close();
    }

    @Test
    void saysThatItIsAliveReadyAndWhatItIs() {
        assertThat(client.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
        assertThat(client.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
        var server = client.serverMetadata(ServerMetadataRequest.getDefaultInstance());
        assertThat(server.getName()).isEqualTo("strongroom");
        assertThat(server.getExtensionsList()).contains("model_repository", "statistics");
        assertThat(client.modelReady(ready(NAME, "")).getReady()).isTrue();
        assertThat(client.modelReady(ready(NAME, "3")).getReady()).isTrue();
    }

    @Test
    void describesTheModel() {
        var metadata =
                client.modelMetadata(ModelMetadataRequest.newBuilder().setName(NAME).build());
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
        var answer = client.modelInfer(typed().putParameters("binary_data_output", NO).build());
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
        ModelInferResponse answer = client.modelInfer(raw().build());
        assertThat(answer.getRawOutputContentsCount()).isEqualTo(5);
        assertThat(answer.getOutputsList()).noneMatch(output -> output.hasContents());
        assertThat(answer.getRawOutputContents(0)).isEqualTo(floats(2, 4, 6, 8));
        assertThat(answer.getRawOutputContents(3)).isEqualTo(string(SECRET));
    }

    @Test
    void answersTypedTensorsRawAsTritonDoes() {
        ModelInferResponse answer = client.modelInfer(typed().build());
        assertThat(answer.getOutputsList()).noneMatch(output -> output.hasContents());
        assertThat(answer.getRawOutputContents(0)).isEqualTo(floats(2, 4, 6, 8));
        assertThat(answer.getId()).isEqualTo("request-7");
    }

    @Test
    void answersTheNamedOutputsInTheOrderAsked() {
        var answer =
                client.modelInfer(
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
        var answer = client.modelInfer(request.build());
        assertThat(answer.getOutputs(0).getShapeList()).containsExactly(0L, 2L);
        assertThat(answer.getOutputs(0).getContents().getFp32ContentsCount()).isZero();
        assertThat(answer.getOutputs(3).getContents().getBytesContentsCount()).isZero();
    }

    @Test
    void refusesAtOnceWhenPoolAndAnIdentitysPartOfTheQueueAreFull() throws Exception {
        gate.acquireUninterruptibly();
        var future = GRPCInferenceServiceGrpc.newFutureStub(channel);
        List<ListenableFuture<ModelInferResponse>> waiting = new ArrayList<>();
        for (int i = 0; i < WORKERS + QUEUED / 2; i++) { // one identity's share of the queue
            waiting.add(future.modelInfer(typed().build()));
        }
        assertThatThrownBy(() -> client.modelInfer(typed().build()))
                .satisfies(refusedWith(Status.Code.RESOURCE_EXHAUSTED, "OVERLOADED", "try again"));
        gate.release();
        for (ListenableFuture<ModelInferResponse> each : waiting) {
            assertThat(each.get(60, TimeUnit.SECONDS).getOutputsCount()).isEqualTo(5);
        }
    }

    @Test
    void runsNothingForACallerWhoGaveUpWhileWaiting() throws Exception {
        gate.acquireUninterruptibly();
        var future = GRPCInferenceServiceGrpc.newFutureStub(channel);
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
        gate.release();
        for (ListenableFuture<ModelInferResponse> each : running) {
            each.get(60, TimeUnit.SECONDS);
        }
        service.close();
        assertThat(taken).hasValue(WORKERS);
    }

    @Test
    void refusesWhenTheLeaseIsOver() {
        refusal = Optional.of(new Admission.Refusal("LEASE_EXPIRED", "the lease ended"));
        assertThatThrownBy(() -> client.modelInfer(typed().build()))
                .satisfies(refusedWith(Status.Code.UNAVAILABLE, "LEASE_EXPIRED", "lease ended"));
        assertThat(client.modelReady(ready(NAME, "")).getReady()).isFalse();
    }

    @Test
    void aRequestThatIsRefusedUsesNothingOfTheLease() {
        refusal = Optional.of(new Admission.Refusal("LEASE_USED_UP", "none left"));
        var request = typed();
        request.setInputs(0, input("nope", "FP32", 2, 2));
        assertThatThrownBy(() -> client.modelInfer(request.build()))
                .satisfies(refusedWith(Status.Code.INVALID_ARGUMENT, "INPUT_UNKNOWN", "nope"));
    }

    @Test
    void isUnavailableOnceTheModelIsClosed() {
        opened.engine().close();
        assertThatThrownBy(() -> client.modelInfer(typed().build()))
                .satisfies(refusedWith(Status.Code.UNAVAILABLE, "CLOSED", "closed"));
    }

    @Test
    void refusesOtherModelsAndVersions() {
        assertThatThrownBy(() -> client.modelReady(ready("acme/other", "")))
                .satisfies(refusedWith(Status.Code.NOT_FOUND, "MODEL_NOT_FOUND", "acme/other"));
        assertThatThrownBy(() -> client.modelReady(ready(NAME, "4")))
                .satisfies(refusedWith(Status.Code.NOT_FOUND, "VERSION_NOT_FOUND", "expected: 3"));
        assertThatThrownBy(() ->
                        client.modelMetadata(
                                ModelMetadataRequest.newBuilder().setName("x").build()))
                .satisfies(refusedWith(Status.Code.NOT_FOUND, "MODEL_NOT_FOUND", NAME));
    }

    static Stream<Arguments> badRequests() {
        return Stream.of(
                bad(
                        "tensors without end",
                        it -> {
                            for (int i = 0; i < 20_000; i++) {
                                it.addInputs(InferInputTensor.getDefaultInstance());
                            }
                        },
                        "TOO_MANY_PARTS",
                        "tensors"),
                bad(
                        "parameters without end",
                        it -> {
                            for (int i = 0; i < 10_000; i++) {
                                it.putParameters("p" + i, NO);
                            }
                        },
                        "TOO_MANY_PARTS",
                        "fields"),
                bad(
                        "a shape without end",
                        it -> {
                            for (int i = 0; i < 2_000; i++) {
                                it.getInputsBuilder(0).addShape(1);
                            }
                        },
                        "TOO_MANY_PARTS",
                        "shape"),
                bad("unknown model", r -> r.setModelName("nope"), "MODEL_NOT_FOUND", NAME),
                bad("unknown version", r -> r.setModelVersion("9"), "VERSION_NOT_FOUND", "3"),
                bad(
                        "version not a number",
                        r -> r.setModelVersion("x".repeat(5000)),
                        "VERSION_NOT_FOUND",
                        "3"),
                bad("missing input", r -> r.removeInputs(1), "INPUT_MISSING", "'ids'"),
                bad("no inputs", r -> r.clearInputs(), "INPUT_MISSING", "'x'"),
                bad(
                        "unknown input",
                        r -> r.addInputs(input("extra", "FP32", 1)),
                        "INPUT_UNKNOWN",
                        "'extra'"),
                bad(
                        "duplicate input",
                        r -> r.addInputs(r.getInputs(1)),
                        "INPUT_DUPLICATE",
                        "'ids'"),
                bad(
                        "wrong datatype",
                        r -> r.getInputsBuilder(0).setDatatype("FP64"),
                        "INPUT_DATATYPE",
                        "expected datatype FP32, got 'FP64'"),
                bad(
                        "no datatype",
                        r -> r.getInputsBuilder(0).clearDatatype(),
                        "INPUT_DATATYPE",
                        "got ''"),
                bad("wrong rank", r -> shape(r, 0, 4), "INPUT_SHAPE", "[-1, 2], got [4]"),
                bad("wrong fixed size", r -> shape(r, 0, 2, 3), "INPUT_SHAPE", "got [2, 3]"),
                bad("negative size", r -> shape(r, 0, -2, 2), "INPUT_SHAPE", "got [-2, 2]"),
                bad(
                        "overflowing shape",
                        r -> shape(r, 0, Long.MAX_VALUE, 2),
                        "INPUT_SHAPE",
                        "[-1, 2]"),
                bad(
                        "shape beyond memory",
                        r -> shape(r, 1, Integer.MAX_VALUE),
                        "INPUT_SIZE",
                        "expected 2147483647 elements"),
                bad(
                        "endless rank",
                        r -> shape(r, 0, new long[1000]),
                        "TOO_MANY_PARTS",
                        "32 dimensions"),
                bad(
                        "too few elements",
                        r -> contents(r, 0).clearFp32Contents().addFp32Contents(1),
                        "INPUT_SIZE",
                        "expected 4 elements by its shape, got 1"),
                bad(
                        "too many elements",
                        r -> contents(r, 0).addFp32Contents(1),
                        "INPUT_SIZE",
                        "got 5"),
                bad(
                        "wrong field",
                        r -> contents(r, 0).clearFp32Contents().addFp64Contents(1),
                        "INPUT_CONTENT",
                        "expected fp32_contents, got fp64_contents"),
                bad(
                        "two fields",
                        r -> contents(r, 0).addIntContents(1),
                        "INPUT_CONTENT",
                        "int_contents"),
                bad(
                        "INT8 out of range",
                        r -> contents(r, 4).setIntContents(0, 128),
                        "INPUT_RANGE",
                        "-128 to 127"),
                bad(
                        "text not UTF-8",
                        r -> contents(r, 3).setBytesContents(0, bytes(0xff, 0xfe)),
                        "INPUT_TEXT",
                        "UTF-8"),
                bad(
                        "raw and typed mixed",
                        r -> r.addAllRawInputContents(raw().getRawInputContentsList()),
                        "INPUT_CONTENT",
                        "beside raw_input_contents"),
                bad(
                        "an output of the guard",
                        r -> r.addOutputs(output(HIDDEN)),
                        "OUTPUT_UNKNOWN",
                        "expected: y, ids_out"),
                bad(
                        "unknown output",
                        r -> r.addOutputs(output("nope")),
                        "OUTPUT_UNKNOWN",
                        "'nope'"),
                bad(
                        "duplicate output",
                        r -> r.addOutputs(output("y")).addOutputs(output("y")),
                        "OUTPUT_DUPLICATE",
                        "'y'"),
                bad(
                        "shared memory",
                        r ->
                                r.getInputsBuilder(0)
                                        .putParameters(
                                                "shared_memory_region",
                                                InferParameter.newBuilder()
                                                        .setStringParam("r")
                                                        .build()),
                        "PARAMETER_UNSUPPORTED",
                        "shared_memory_region"),
                bad(
                        "classification",
                        r ->
                                r.addOutputs(
                                        output("y").toBuilder()
                                                .putParameters(
                                                        "classification",
                                                        InferParameter.newBuilder()
                                                                .setInt64Param(3)
                                                                .build())),
                        "PARAMETER_UNSUPPORTED",
                        "classification"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badRequests")
    void refusesABadRequest(
            String name, Consumer<ModelInferRequest.Builder> damage, String reason, String text) {
        var request = typed();
        damage.accept(request);
        assertThatThrownBy(() -> client.modelInfer(request.build()))
                .satisfies(refusedWith(codeOf(reason), reason, text))
                .message()
                .doesNotContain(SECRET)
                .hasSizeLessThan(600);
    }

    static Stream<Arguments> badRawRequests() {
        return Stream.of(
                bad(
                        "one raw content too few",
                        r -> {
                            var kept = List.copyOf(r.getRawInputContentsList().subList(0, 4));
                            r.clearRawInputContents().addAllRawInputContents(kept);
                        },
                        "INPUT_CONTENT",
                        "expected one per input (5), got 4"),
                bad(
                        "one raw content too many",
                        r -> r.addRawInputContents(ByteString.EMPTY),
                        "INPUT_CONTENT",
                        "got 6"),
                bad(
                        "a byte short",
                        r -> r.setRawInputContents(0, floats(1, 2, 3, 4).substring(1)),
                        "INPUT_SIZE",
                        "expected 16 bytes by its shape and FP32, got 15"),
                bad(
                        "a byte long",
                        r -> r.setRawInputContents(1, ByteString.copyFrom(new byte[17])),
                        "INPUT_SIZE",
                        "got 17"),
                bad(
                        "shape beyond memory",
                        r -> shape(r, 0, Integer.MAX_VALUE, 2),
                        "INPUT_SIZE",
                        "expected 17179869176 bytes"),
                bad(
                        "neither true nor false",
                        r -> r.setRawInputContents(2, bytes(1, 2)),
                        "INPUT_RANGE",
                        "expected: 0 or 1"),
                bad(
                        "string length cut off",
                        r -> r.setRawInputContents(3, bytes(1, 0)),
                        "INPUT_SIZE",
                        "cut off"),
                bad(
                        "string longer than its content",
                        r -> r.setRawInputContents(3, bytes(9, 0, 0, 0, 'a')),
                        "INPUT_SIZE",
                        "cut off"),
                bad(
                        "negative string length",
                        r -> r.setRawInputContents(3, bytes(255, 255, 255, 255)),
                        "INPUT_SIZE",
                        "cut off"),
                bad(
                        "too many strings",
                        r -> r.setRawInputContents(3, string(SECRET).concat(string(SECRET))),
                        "INPUT_SIZE",
                        "expected 1 elements by its shape, got 2"),
                bad(
                        "NUL in a string",
                        r -> r.setRawInputContents(3, string("a\0b")),
                        "INPUT_TEXT",
                        "NUL"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badRawRequests")
    void refusesABadRawRequest(
            String name, Consumer<ModelInferRequest.Builder> damage, String reason, String text) {
        var request = raw();
        damage.accept(request);
        assertThatThrownBy(() -> client.modelInfer(request.build()))
                .satisfies(refusedWith(codeOf(reason), reason, text))
                .message()
                .doesNotContain(SECRET)
                .hasSizeLessThan(600);
    }

    @Test
    void numbersThatAreNoneGoInAndComeOutAsTheModelSays() {
        var request = raw();
        request.setRawInputContents(
                0, floats(Float.NaN, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, Float.MIN_VALUE));
        ByteBuffer answer =
                client.modelInfer(request.build())
                        .getRawOutputContents(0)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(answer.getFloat()).isNaN();
        assertThat(answer.getFloat()).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(answer.getFloat()).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(client.modelInfer(typed().build()).getOutputsCount()).isEqualTo(5);
    }

    @Test
    void servesOnAfterEveryRefusal() {
        for (Arguments bad : badRequests().toList()) {
            var request = typed();
            @SuppressWarnings("unchecked") // the second argument of bad(…)
            var damage = (Consumer<ModelInferRequest.Builder>) bad.get()[1];
            damage.accept(request);
            assertThatThrownBy(() -> client.modelInfer(request.build()))
                    .isInstanceOf(StatusRuntimeException.class);
        }
        assertThat(client.modelInfer(typed().build()).getOutputsCount()).isEqualTo(5);
    }

    private static Arguments bad(
            String name, Consumer<ModelInferRequest.Builder> damage, String reason, String text) {
        return Arguments.of(name, damage, reason, text);
    }

    private static Status.Code codeOf(String reason) {
        return switch (reason) {
            case "MODEL_NOT_FOUND", "VERSION_NOT_FOUND" -> Status.Code.NOT_FOUND;
            case "PARAMETER_UNSUPPORTED" -> Status.Code.UNIMPLEMENTED;
            default -> Status.Code.INVALID_ARGUMENT;
        };
    }

    private static ThrowingConsumer<Throwable> refusedWith(
            Status.Code code, String reason, String text) {
        return thrown -> {
            assertThat(Status.fromThrowable(thrown).getCode()).isEqualTo(code);
            assertThat(thrown).hasMessageContaining(text);
            var status = StatusProto.fromThrowable(thrown);
            assertThat(status).isNotNull();
            var info = status.getDetails(0).unpack(ErrorInfo.class);
            assertThat(info.getReason()).isEqualTo(reason);
            assertThat(info.getDomain()).isEqualTo("strongroom");
        };
    }

    private static ModelInferRequest.Builder typed() {
        var request = ModelInferRequest.newBuilder().setModelName(NAME).setId("request-7");
        request.addInputs(
                input("x", "FP32", 2, 2).toBuilder()
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addAllFp32Contents(List.of(1f, 2f, 3f, 4f))));
        request.addInputs(
                input("ids", "INT64", 2).toBuilder()
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addAllInt64Contents(List.of(-1L, Long.MAX_VALUE))));
        request.addInputs(
                input("mask", "BOOL", 2).toBuilder()
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addAllBoolContents(List.of(true, false))));
        request.addInputs(
                input("text", "BYTES", 1).toBuilder()
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addBytesContents(ByteString.copyFromUtf8(SECRET))));
        request.addInputs(
                input("small", "INT8", 2).toBuilder()
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addAllIntContents(List.of(-128, 127))));
        return request;
    }

    private static ModelInferRequest.Builder raw() {
        return ModelInferRequest.newBuilder()
                .setModelName(NAME)
                .addInputs(input("x", "FP32", 2, 2))
                .addInputs(input("ids", "INT64", 2))
                .addInputs(input("mask", "BOOL", 2))
                .addInputs(input("text", "BYTES", 1))
                .addInputs(input("small", "INT8", 2))
                .addRawInputContents(floats(1, 2, 3, 4))
                .addRawInputContents(ByteString.copyFrom(new byte[16]))
                .addRawInputContents(bytes(1, 0))
                .addRawInputContents(string(SECRET))
                .addRawInputContents(bytes(128, 127));
    }

    private static InferInputTensor input(String name, String type, long... shape) {
        var input = InferInputTensor.newBuilder().setName(name).setDatatype(type);
        for (long size : shape) {
            input.addShape(size);
        }
        return input.build();
    }

    private static InferRequestedOutputTensor output(String name) {
        return InferRequestedOutputTensor.newBuilder().setName(name).build();
    }

    private static void shape(ModelInferRequest.Builder request, int input, long... shape) {
        request.getInputsBuilder(input).clearShape();
        for (long size : shape) {
            request.getInputsBuilder(input).addShape(size);
        }
    }

    private static InferTensorContents.Builder contents(
            ModelInferRequest.Builder request, int input) {
        return request.getInputsBuilder(input).getContentsBuilder();
    }

    private static ModelReadyRequest ready(String name, String version) {
        return ModelReadyRequest.newBuilder().setName(name).setVersion(version).build();
    }

    private static ByteString floats(float... values) {
        var bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return ByteString.copyFrom(bytes.array());
    }

    private static ByteString string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(4 + utf8.length).order(ByteOrder.LITTLE_ENDIAN);
        return ByteString.copyFrom(bytes.putInt(utf8.length).put(utf8).array());
    }

    private static ByteString bytes(int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteString.copyFrom(bytes);
    }
}

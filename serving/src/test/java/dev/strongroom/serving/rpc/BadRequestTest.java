package dev.strongroom.serving.rpc;

import static dev.strongroom.serving.rpc.PassThrough.HIDDEN;
import static dev.strongroom.serving.rpc.PassThrough.NAME;
import static dev.strongroom.serving.rpc.PassThrough.SECRET;
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

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.proto.inference.ModelInferResponse;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is none of a model's requests is refused by its reason, which repeats nothing of it. */
class BadRequestTest {
    private static final InferParameter NO =
            InferParameter.newBuilder().setBoolParam(false).build();

    /** The method of one request and one answer, for a client that may send any number. */
    private static final MethodDescriptor<ModelInferRequest, ModelInferResponse> AS_STREAM =
            GRPCInferenceServiceGrpc.getModelInferMethod().toBuilder()
                    .setType(MethodDescriptor.MethodType.CLIENT_STREAMING)
                    .build();

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
                        "a sequence of a stateful model",
                        r ->
                                r.putParameters(
                                        "sequence_id",
                                        InferParameter.newBuilder().setInt64Param(7).build()),
                        "PARAMETER_UNSUPPORTED",
                        "sequence_id"),
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
        refuses(typed(), damage, reason, text);
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
        refuses(raw(), damage, reason, text);
    }

    /** gRPC's stubs cannot: it takes a caller who writes the stream himself. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3})
    void refusesACallOfAnythingButOneRequest(int requests) {
        var observer = new LastWord();
        StreamObserver<ModelInferRequest> call =
                ClientCalls.asyncClientStreamingCall(
                        node.channel.newCall(AS_STREAM, CallOptions.DEFAULT), observer);
        for (int i = 0; i < requests; i++) {
            call.onNext(typed().build());
        }
        call.onCompleted();
        assertThat(observer.refusal.join().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(observer.refusal.join().getDescription())
                .isEqualTo("expected one request, got " + (requests == 0 ? "none" : "more"));
        assertThat(node.taken).as("inferences of the lease").hasValue(0);
        assertThat(node.client.modelInfer(typed().build()).getOutputsCount()).isPositive();
    }

    /** How the call ended. */
    private static final class LastWord implements StreamObserver<ModelInferResponse> {
        final CompletableFuture<Status> refusal = new CompletableFuture<>();

        @Override
        public void onNext(ModelInferResponse answer) {
            refusal.completeExceptionally(new AssertionError("an answer"));
        }

        @Override
        public void onError(Throwable error) {
            refusal.complete(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            refusal.completeExceptionally(new AssertionError("it ended well"));
        }
    }

    private void refuses(
            ModelInferRequest.Builder request,
            Consumer<ModelInferRequest.Builder> damage,
            String reason,
            String text) {
        damage.accept(request);
        assertThatThrownBy(() -> node.client.modelInfer(request.build()))
                .satisfies(refusedWith(codeOf(reason), reason, text))
                .message()
                .doesNotContain(SECRET)
                .hasSizeLessThan(600);
    }

    @Test
    void servesOnAfterEveryRefusal() {
        for (Arguments bad : badRequests().toList()) {
            var request = typed();
            @SuppressWarnings("unchecked") // the second argument of bad(…)
            var damage = (Consumer<ModelInferRequest.Builder>) bad.get()[1];
            damage.accept(request);
            assertThatThrownBy(() -> node.client.modelInfer(request.build()))
                    .isInstanceOf(StatusRuntimeException.class);
        }
        assertThat(node.client.modelInfer(typed().build()).getOutputsCount()).isEqualTo(5);
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
}

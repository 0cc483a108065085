package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.serving.engine.InferenceException;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What passes for a request of a model goes on through its session: it is answered with what the
 * model hands through, or refused, and the session answers the next one.
 */
class SessionFuzz {
    private static final int MAX_ANSWER_BYTES = 1 << 20;

    private static Path scratch;
    private static OpenedModel model;
    private static ModelInferRequest right;

    @BeforeAll
    static void open() throws Exception {
        scratch = Files.createTempDirectory("session-fuzz");
        model =
                OpenedModel.of(
                        new OnnxModel()
                                .input("x", OnnxModel.FLOAT, -1, 2)
                                .input("ids", OnnxModel.INT64, -1)
                                .input("text", OnnxModel.STRING, -1)
                                .output("x_out", OnnxModel.FLOAT, -1, 2)
                                .output("ids_out", OnnxModel.INT64, -1)
                                .output("text_out", OnnxModel.STRING, -1)
                                .node("Identity", List.of("x"), List.of("x_out"))
                                .node("Identity", List.of("ids"), List.of("ids_out"))
                                .node("Identity", List.of("text"), List.of("text_out"))
                                .bytes(),
                        scratch);
        right = ModelInferRequest.parseFrom(seeds().getFirst());
    }

    @AfterAll
    static void close() throws IOException {
        model.close();
        Files.delete(scratch);
    }

    static List<byte[]> seeds() {
        var request =
                ModelInferRequest.newBuilder()
                        .addInputs(input("x", "FP32", 1, 2))
                        .addInputs(input("ids", "INT64", 1))
                        .addInputs(input("text", "BYTES", 1))
                        .addRawInputContents(ByteString.copyFrom(new byte[8]))
                        .addRawInputContents(ByteString.copyFrom(new byte[8]))
                        .addRawInputContents(ByteString.copyFrom(new byte[] {1, 0, 0, 0, 'a'}));
        var none =
                ModelInferRequest.newBuilder()
                        .addInputs(input("x", "FP32", 0, 2))
                        .addInputs(input("ids", "INT64", 0))
                        .addInputs(input("text", "BYTES", 0))
                        .addRawInputContents(ByteString.EMPTY)
                        .addRawInputContents(ByteString.EMPTY)
                        .addRawInputContents(ByteString.EMPTY);
        var typed = ModelInferRequest.newBuilder();
        typed.addInputs(input("x", "FP32", 1, 2)).addInputs(input("ids", "INT64", 1));
        typed.addInputs(input("text", "BYTES", 1));
        typed.getInputsBuilder(0).getContentsBuilder().addFp32Contents(1).addFp32Contents(2);
        typed.getInputsBuilder(1).getContentsBuilder().addInt64Contents(-1);
        typed.getInputsBuilder(2)
                .getContentsBuilder()
                .addBytesContents(ByteString.copyFromUtf8("b"));
        return List.of(
                request.build().toByteArray(),
                none.build().toByteArray(),
                typed.build().toByteArray());
    }

    private static InferInputTensor.Builder input(String name, String type, long... shape) {
        var input = InferInputTensor.newBuilder().setName(name).setDatatype(type);
        for (long size : shape) {
            input.addShape(size);
        }
        return input;
    }

    @MethodSource("seeds")
    @Fuzzed
    void answersWhatItWasAskedOrRefuses(byte[] input) throws Exception {
        ModelInferRequest request;
        try {
            request = ModelInferRequest.parseFrom(input);
        } catch (InvalidProtocolBufferException e) {
            return; // gRPC refuses it before we see it
        }
        Optional<List<Tensor>> answer =
                Hostile.read(input, RefusedException.class, _ -> answer(request));
        if (answer.isPresent()) {
            requireSame(request, answer.get());
        }
        assertThat(answer(right)).as("the next one").hasSize(3);
    }

    private static List<Tensor> answer(ModelInferRequest request) throws RefusedException {
        InferenceRequest read = decode(request);
        try {
            return model.engine().run(read.inputs(), read.outputs());
        } catch (InferenceException e) {
            throw RefusedException.invalid("INFERENCE", String.valueOf(e.getMessage()));
        }
    }

    private static InferenceRequest decode(ModelInferRequest request) throws RefusedException {
        return InferenceRequest.decode(
                request, model.engine().inputs(), model.engine().outputs(), MAX_ANSWER_BYTES);
    }

    /** Each output is its input, shape and numbers. */
    private static void requireSame(ModelInferRequest request, List<Tensor> answer)
            throws RefusedException {
        Map<String, Tensor> asked =
                decode(request).inputs().stream()
                        .collect(
                                Collectors.toMap(
                                        tensor -> tensor.name() + "_out", Function.identity()));
        for (Tensor each : answer) {
            Tensor same = Objects.requireNonNull(asked.get(each.name()));
            assertThat(each.shape()).isEqualTo(same.shape());
            assertThat(RawContents.encode(each.content()))
                    .isEqualTo(RawContents.encode(same.content()));
        }
    }
}

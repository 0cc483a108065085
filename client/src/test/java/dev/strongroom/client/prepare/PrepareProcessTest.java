package dev.strongroom.client.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.Progress;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareProcessTest {
    @TempDir Path root;

    @Test
    void splitsGraphAndWeights() throws Exception {
        Path model = Files.write(root.resolve("tiny.onnx"), TinyOnnx.inline());
        try (var directory = PrivateDirectory.create(root.resolve("private"))) {
            ModelSource prepared =
                    PrepareProcess.run(ModelSource.of(model), directory, Progress.SILENT);

            assertThat(prepared.graph().name()).isEqualTo("model.onnx");
            assertThat(prepared.external()).hasSize(1);
            assertThat(prepared.external().getFirst().name()).isEqualTo("weights.bin");
            assertThat(Files.readAllBytes(prepared.external().getFirst().path()))
                    .contains(TinyOnnx.weights());
        }
        assertThat(root.resolve("private")).isEmptyDirectory();
    }

    @Test
    void preparedMiniLmAnswersAsTheOriginal() throws Exception {
        Path model = root.resolve("minilm.onnx");
        try (InputStream in =
                Objects.requireNonNull(
                        getClass().getResourceAsStream("/all-minilm-l6-v2.onnx"),
                        "on class path")) {
            Files.copy(in, model);
        }
        try (var directory = PrivateDirectory.create(root.resolve("private"))) {
            ModelSource prepared =
                    PrepareProcess.run(ModelSource.of(model), directory, Progress.SILENT);

            assertThat(prepared.external().getFirst().bytes()).isGreaterThan(80_000_000);
            assertThat(prepared.graph().bytes()).isLessThan(1_000_000);
            float[] original = embed(model);
            float[] answer = embed(prepared.graph().path());
            assertThat(answer).hasSameSizeAs(original);
            for (int i = 0; i < answer.length; i++) {
                assertThat(answer[i]).isCloseTo(original[i], within(1e-5f));
            }
        }
    }

    @Test
    @Tag("nightly")
    void splitsGraphAndWeightsOfMoreThanAGibibyte() throws Exception {
        long columns = 5L << 20;
        Path model = TinyOnnx.inline(root.resolve("large.onnx"), columns);
        long weights = columns * TinyOnnx.SIDE * Float.BYTES;
        assertThat(weights).isGreaterThan(1L << 30);
        try (var directory = PrivateDirectory.create(root.resolve("private"))) {
            ModelSource prepared =
                    PrepareProcess.run(ModelSource.of(model), directory, Progress.SILENT);

            assertThat(prepared.graph().bytes()).isLessThan(1 << 20);
            assertThat(prepared.external())
                    .singleElement()
                    .extracting(ModelSource.Part::bytes)
                    .isEqualTo(weights);
        }
    }

    @Test
    void whatIsAboveTwoGibibytesIsPreparedWhereThereIsRoom() throws Exception {
        long large = 3L << 30;
        long free = 16L << 30;
        try (var directory = PrivateDirectory.create(root.resolve("private"))) {
            assertThat(PrepareProcess.lacking(besideItsGraph(large), directory, free)).isEmpty();
            assertThat(
                            PrepareProcess.lacking(besideItsGraph(large), directory, large)
                                    .orElseThrow())
                    .endsWith("MiB of memory, and 3072 MiB are free");
            assertThat(
                            PrepareProcess.lacking(
                                            besideItsGraph(1L << 50), directory, Long.MAX_VALUE)
                                    .orElseThrow())
                    .startsWith("it takes 1073741824 MiB of room in " + root);
            assertThat(PrepareProcess.lacking(besideItsGraph(1L << 30), directory, 0))
                    .as("could be in one file")
                    .isEmpty();
        }
    }

    private ModelSource besideItsGraph(long bytes) {
        return new ModelSource(
                root,
                new ModelSource.Part("m.onnx", root.resolve("m.onnx"), 1000),
                List.of(new ModelSource.Part("w.bin", root.resolve("w.bin"), bytes)));
    }

    @Test
    void saysWhyOnnxRuntimeRefused() throws Exception {
        Path model = Files.write(root.resolve("odd.onnx"), TinyOnnx.withDomain("com.microsoft"));
        try (var directory = PrivateDirectory.create(root.resolve("private"))) {
            assertThatThrownBy(() ->
                            PrepareProcess.run(ModelSource.of(model), directory, Progress.SILENT))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("ONNX Runtime refused")
                    .hasMessageContaining("odd.onnx");
        }
    }

    private static float[] embed(Path model) throws OrtException {
        var environment = OrtEnvironment.getEnvironment();
        long[] shape = {1, 5};
        try (var session = environment.createSession(model.toString());
                var ids = tensor(environment, new long[] {101, 7592, 2088, 999, 102}, shape);
                var ones =
                        tensor(
                                environment,
                                LongStream.generate(() -> 1).limit(5).toArray(),
                                shape);
                var zeros = tensor(environment, new long[5], shape);
                var result =
                        session.run(
                                Map.of(
                                        "input_ids", ids,
                                        "attention_mask", ones,
                                        "token_type_ids", zeros))) {
            var buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] values = new float[buffer.remaining()];
            buffer.get(values);
            return values;
        }
    }

    private static OnnxTensor tensor(OrtEnvironment environment, long[] values, long[] shape)
            throws OrtException {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
    }
}

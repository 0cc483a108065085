package dev.strongroom.serving.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.LoadedModels;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import dev.strongroom.serving.engine.Tensor.Content.Strings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineTest {
    private static final int ROWS = 64;
    private static final int COLUMNS = 32;

    @TempDir private Path scratch;

    @Test
    void multipliesByWeightsFromTheirFile() throws Exception {
        float[] weights = new float[ROWS * COLUMNS];
        var random = new Random(7);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextFloat() - 0.5f;
        }
        float[] x = new float[2 * ROWS];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextFloat();
        }
        try (var model = LoadedModels.of(matMul(floats(weights), 0, ROWS * COLUMNS * 4));
                var engine =
                        Engine.open(
                                model, new EngineOptions(1, new Profile.SingleCopy(), scratch))) {
            assertThat(engine.inputs())
                    .containsExactly(
                            new TensorSignature("x", ElementType.FP32, List.of(-1L, (long) ROWS)));
            var answer =
                    engine.run(
                            List.of(numbers("x", ElementType.FP32, floats(x), 2, ROWS)),
                            Set.of("y"));
            assertThat(answer.getFirst().shape()).containsExactly(2L, (long) COLUMNS);
            var y = ((Numbers) answer.getFirst().content()).bytes().asFloatBuffer();
            for (int row = 0; row < 2; row++) {
                for (int column = 0; column < COLUMNS; column++) {
                    double expected = 0;
                    for (int k = 0; k < ROWS; k++) {
                        expected += x[row * ROWS + k] * (double) weights[k * COLUMNS + column];
                    }
                    assertThat((double) y.get(row * COLUMNS + column))
                            .isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-4));
                }
            }
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aSessionMadeAnewAnswersTheSameAndOneThatWasEndedIsNotMadeAnew() throws Exception {
        float[] weights = new float[ROWS * COLUMNS];
        Arrays.fill(weights, 0.5f);
        var x = numbers("x", ElementType.FP32, floats(new float[ROWS]), 1, ROWS);
        try (var model = LoadedModels.of(matMul(floats(weights), 0, ROWS * COLUMNS * 4));
                var engine =
                        Engine.open(
                                model, new EngineOptions(1, new Profile.SingleCopy(), scratch))) {
            var before = engine.run(List.of(x), Set.of("y"));
            engine.reopen(new EngineOptions(2, new Profile.Fast(SessionHeap.shared()), scratch));
            assertThat(engine.run(List.of(x), Set.of("y"))).isEqualTo(before);

            engine.interrupt();

            assertThatThrownBy(() ->
                            engine.reopen(new EngineOptions(1, new Profile.SingleCopy(), scratch)))
                    .isInstanceOfSatisfying(
                            InferenceException.class,
                            e -> assertThat(e.fault()).isEqualTo(InferenceException.Fault.CLOSED));
        }
    }

    @Test
    void aSingleCopyIsRunByItsCallersThreadAlone() {
        assertThatThrownBy(() -> new EngineOptions(2, new Profile.SingleCopy(), scratch))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void weightsInTheMiddleOfAFileAndInASecondFileAreFound() throws Exception {
        var files = new LinkedHashMap<String, byte[]>();
        files.put(
                "model.onnx",
                new OnnxModel()
                        .input("x", OnnxModel.INT64, 2)
                        .output("y", OnnxModel.INT64, 2)
                        .external("a", OnnxModel.INT64, "weights.bin", "24", "16", 2)
                        .external("b", OnnxModel.INT64, "more.bin", "0", "", 2)
                        .node("Add", List.of("x", "a"), List.of("t"))
                        .node("Mul", List.of("t", "b"), List.of("y"))
                        .bytes());
        files.put("weights.bin", longs(9, 9, 9, 100, 200, 9));
        files.put("more.bin", longs(3, 5));
        try (var model = LoadedModels.of(files);
                var engine =
                        Engine.open(
                                model, new EngineOptions(1, new Profile.SingleCopy(), scratch))) {
            var y =
                    engine.run(
                            List.of(numbers("x", ElementType.INT64, longs(1, 2), 2)), Set.of("y"));
            assertThat(((Numbers) y.getFirst().content()).bytes())
                    .isEqualTo(ByteBuffer.wrap(longs(303, 1010)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL,1",
        "UINT8,1",
        "UINT16,2",
        "UINT32,4",
        "UINT64,8",
        "INT8,1",
        "INT16,2",
        "INT32,4",
        "INT64,8",
        "FP16,2",
        "BF16,2",
        "FP32,4",
        "FP64,8"
    })
    void everyNumberTypePassesThroughUnchanged(ElementType type, int bytes) throws Exception {
        int onnx = onnxNumber(type);
        var content = new byte[3 * bytes];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (type == ElementType.BOOL ? i % 2 : i + 1);
        }
        var weights = new byte[3 * bytes];
        weights[0] = 1;
        var files = new LinkedHashMap<String, byte[]>();
        files.put(
                "model.onnx",
                new OnnxModel()
                        .input("x", onnx, -1)
                        .output("y", onnx, -1)
                        .output("z", onnx, 3)
                        .external("w", onnx, "weights.bin", "0", "", 3)
                        .node("Identity", List.of("x"), List.of("y"))
                        .node("Identity", List.of("w"), List.of("z"))
                        .bytes());
        files.put("weights.bin", weights);
        try (var model = LoadedModels.of(files);
                var engine =
                        Engine.open(
                                model, new EngineOptions(1, new Profile.SingleCopy(), scratch))) {
            assertThat(engine.inputs().getFirst().type()).isEqualTo(type);
            var answers =
                    engine.run(
                            List.of(numbers("x", type, content, 3)),
                            new LinkedHashSet<>(List.of("y", "z")));
            assertThat(((Numbers) answers.get(0).content()).bytes())
                    .isEqualTo(ByteBuffer.wrap(content));
            assertThat(((Numbers) answers.get(1).content()).bytes())
                    .isEqualTo(ByteBuffer.wrap(weights));
            var empty = engine.run(List.of(numbers("x", type, new byte[0], 0)), Set.of("y"));
            assertThat(empty.getFirst().shape()).containsExactly(0L);
        }
    }

    @Test
    void stringsPassThroughUnchanged() throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.STRING, -1, 2)
                        .output("y", OnnxModel.STRING, -1, 2)
                        .node("Identity", List.of("x"), List.of("y"))
                        .bytes();
        try (var model = LoadedModels.of(Map.of("model.onnx", graph));
                var engine =
                        Engine.open(
                                model, new EngineOptions(1, new Profile.SingleCopy(), scratch))) {
            var values = List.of("a", "", "größer", "日本");
            var x = new Tensor("x", ElementType.BYTES, List.of(2L, 2L), new Strings(values));
            var y = engine.run(List.of(x), Set.of("y")).getFirst();
            assertThat(((Strings) y.content()).values()).isEqualTo(values);
        }
    }

    @Test
    void anUnpreparedGraphWithItsOwnWeightsLoads() throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, 1)
                        .output("y", OnnxModel.FLOAT, 1)
                        .inline("w", OnnxModel.FLOAT, floats(2.5f), 1)
                        .node("Mul", List.of("x", "w"), List.of("y"))
                        .bytes();
        try (var model = LoadedModels.of(Map.of("model.onnx", graph));
                var engine =
                        Engine.open(
                                model, new EngineOptions(1, new Profile.SingleCopy(), scratch))) {
            var y = engine.run(List.of(numbers("x", ElementType.FP32, floats(4f), 1)), Set.of("y"));
            assertThat(((Numbers) y.getFirst().content()).bytes().getFloat(0)).isEqualTo(10f);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1,8192", // one byte past the end
        "8192,8192",
        "8193,8192",
        "999999999999999999,8192",
        "-1,8192",
        "0,8191",
        "0,8193",
        "0,99999999999999999999",
        "x,8192",
    })
    void refusesWeightsOutsideTheirFile(String offset, String length) {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("model.onnx", matMulGraph("weights.bin", offset, length, ROWS, COLUMNS));
        files.put("weights.bin", new byte[ROWS * COLUMNS * 4]);
        refuses(files, "");
    }

    @Test
    void refusesAWeightsFileThatTheManifestLacks() {
        for (String name : List.of("other.bin", "../weights.bin", "/etc/passwd", "")) {
            var files = new LinkedHashMap<String, byte[]>();
            files.put("model.onnx", matMulGraph(name, "0", "8192", ROWS, COLUMNS));
            files.put("weights.bin", new byte[ROWS * COLUMNS * 4]);
            refuses(files, "manifest lacks");
        }
    }

    @Test
    void refusesShapesThatOverflow() {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("model.onnx", matMulGraph("weights.bin", "0", "", 1L << 40, 1L << 40));
        files.put("weights.bin", new byte[16]);
        refuses(files, "larger than memory");
        files.put("model.onnx", matMulGraph("weights.bin", "0", "", -1, 4));
        refuses(files, "negative");
    }

    @Test
    void refusesWhatIsNoModel() {
        refuses(Map.of("model.onnx", new byte[] {1, 2, 3}), "not an ONNX model");
        refuses(Map.of("model.onnx", "hello, this is text".getBytes(UTF_8)), "not an ONNX model");
        byte[] graph = matMulGraph("weights.bin", "0", "8192", ROWS, COLUMNS);
        for (int cut : List.of(1, 10, 40, graph.length / 2, graph.length - 1)) {
            var files = new LinkedHashMap<String, byte[]>();
            files.put("model.onnx", java.util.Arrays.copyOf(graph, cut));
            files.put("weights.bin", new byte[ROWS * COLUMNS * 4]);
            refuses(files, "");
        }
    }

    @Test
    void findsWeightsOfNestedGraphsOrRefusesRatherThanReadingZeros() throws Exception {
        byte[] thenGraph =
                new OnnxModel()
                        .output("t", OnnxModel.FLOAT, 1)
                        .external("inner", OnnxModel.FLOAT, "weights.bin", "0", "4", 1)
                        .node("Identity", List.of("inner"), List.of("t"))
                        .graphBytes();
        var found =
                ExternalTensors.find(
                        java.lang.foreign.MemorySegment.ofArray(
                                new OnnxModel()
                                        .node(
                                                "If",
                                                List.of("c"),
                                                List.of("y"),
                                                OnnxModel.graphAttribute("then_branch", thenGraph))
                                        .bytes()),
                        Map.of("weights.bin", 4L));
        assertThat(found).singleElement().extracting(ExternalTensor::name).isEqualTo("inner");
    }

    @Test
    void aClosedEngineRunsNothing() throws Exception {
        try (var model = LoadedModels.of(matMul(new byte[ROWS * COLUMNS * 4], 0, 8192))) {
            var engine =
                    Engine.open(model, new EngineOptions(1, new Profile.SingleCopy(), scratch));
            engine.close();
            engine.close();
            assertThatThrownBy(() ->
                            engine.run(
                                    List.of(
                                            numbers(
                                                    "x",
                                                    ElementType.FP32,
                                                    new byte[ROWS * 4],
                                                    1,
                                                    ROWS)),
                                    Set.of("y")))
                    .isInstanceOf(InferenceException.class);
        }
    }

    private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

    private void refuses(Map<String, byte[]> files, String message) {
        try (LoadedModel model = LoadedModels.of(files)) {
            assertThatThrownBy(() ->
                            Engine.open(
                                    model, new EngineOptions(1, new Profile.SingleCopy(), scratch)))
                    .isInstanceOf(UnservableModelException.class)
                    .hasMessageContaining(message);
        }
        try (var left = Files.list(scratch)) {
            assertThat(left).isEmpty();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Map<String, byte[]> matMul(byte[] weights, long offset, long length) {
        var files = new LinkedHashMap<String, byte[]>();
        files.put(
                "model.onnx",
                matMulGraph(
                        "weights.bin",
                        Long.toString(offset),
                        Long.toString(length),
                        ROWS,
                        COLUMNS));
        files.put("weights.bin", weights);
        return files;
    }

    private static byte[] matMulGraph(
            String file, String offset, String length, long rows, long columns) {
        return new OnnxModel()
                .input("x", OnnxModel.FLOAT, -1, rows)
                .output("y", OnnxModel.FLOAT, -1, columns)
                .external("w", OnnxModel.FLOAT, file, offset, length, rows, columns)
                .node("MatMul", List.of("x", "w"), List.of("y"))
                .bytes();
    }

    private static int onnxNumber(ElementType type) {
        for (int number = 1; number <= 16; number++) {
            if (ElementType.ofOnnxNumber(number).filter(type::equals).isPresent()) {
                return number;
            }
        }
        throw new IllegalArgumentException(type.name());
    }

    private static Tensor numbers(String name, ElementType type, byte[] bytes, long... shape) {
        var sizes = java.util.Arrays.stream(shape).boxed().toList();
        return new Tensor(name, type, sizes, new Numbers(ByteBuffer.wrap(bytes)));
    }

    private static byte[] floats(float... values) {
        var bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    private static byte[] longs(long... values) {
        var bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            bytes.putLong(value);
        }
        return bytes.array();
    }
}

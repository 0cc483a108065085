package dev.strongroom.serving.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.LoadedModels;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs that make tensors as large as their inputs' values say, at {@code single-copy}. */
class RunMemoryLimitTest {
    private static final long LIMIT_BYTES = 64L << 20;

    @TempDir private Path scratch;

    @ParameterizedTest
    @ValueSource(longs = {32L << 20, 1L << 30, 1L << 40, 1L << 50, Long.MAX_VALUE})
    void oneThatWantsTooMuchIsRefusedAndTheNextOneRuns(long elements) throws Exception {
        try (var model = model();
                var engine = engine(model)) {
            assertThat(sum(engine, 1 << 20)).isEqualTo(1 << 20);

            assertThatThrownBy(() -> sum(engine, elements))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining(elements > 1L << 55 ? "failed" : "more memory");

            assertThat(sum(engine, 1 << 20)).isEqualTo(1 << 20);
        }
    }

    @Test
    void eachSessionHasALimitOfItsOwn() throws Exception {
        try (var model = model();
                var one = engine(model);
                var fast =
                        Engine.open(
                                model,
                                new EngineOptions(
                                        1, new Profile.Fast(SessionHeap.shared()), scratch));
                var other = engine(model)) {
            assertThat(sum(one, 6 << 20)).isEqualTo(6 << 20);
            assertThat(sum(other, 6 << 20)).isEqualTo(6 << 20);
            assertThat(sum(fast, 6 << 20)).isEqualTo(6 << 20);
        }
    }

    private Engine engine(LoadedModel model) throws Exception {
        return Engine.open(
                model, new EngineOptions(1, new Profile.SingleCopy(LIMIT_BYTES), scratch));
    }

    /** As many ones as it is told, added up. */
    private static LoadedModel model() {
        return LoadedModels.of(
                Map.of(
                        "model.onnx",
                        new OnnxModel()
                                .input("n", OnnxModel.INT64, 1)
                                .output("y", OnnxModel.FLOAT)
                                .inline("one", OnnxModel.FLOAT, floats(1))
                                .node("Expand", List.of("one", "n"), List.of("ones"))
                                .node(
                                        "ReduceSum",
                                        List.of("ones"),
                                        List.of("y"),
                                        OnnxModel.intAttribute("keepdims", 0))
                                .bytes()));
    }

    private static byte[] floats(float value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array();
    }

    private static float sum(Engine engine, long elements) throws InferenceException {
        var n = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(elements).flip();
        var input = new Tensor("n", ElementType.INT64, List.of(1L), new Numbers(n));
        Tensor sum = engine.run(List.of(input), Set.of("y")).getFirst();
        return ((Numbers) sum.content()).bytes().order(ByteOrder.LITTLE_ENDIAN).getFloat(0);
    }
}

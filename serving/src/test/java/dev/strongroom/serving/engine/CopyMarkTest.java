package dev.strongroom.serving.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.LoadedModels;
import dev.strongroom.fingerprint.FingerprintKey;
import dev.strongroom.fingerprint.Recipient;
import dev.strongroom.fingerprint.RecipientKey;
import dev.strongroom.fingerprint.Residual;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a node serves carries its own mark, put in where the weights were opened. */
class CopyMarkTest {
    private static final int ROWS = 128;
    private static final int COLUMNS = 256;
    private static final String KEY_FILE = "strongroom.fingerprint";

    private final RecipientKey mine =
            FingerprintKey.of(new byte[32]).forRecipient(new Recipient("a1".repeat(16), 7));
    private final float[] weights = new float[ROWS * COLUMNS];

    CopyMarkTest() {
        var random = new Random(3);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
    }

    @Test
    void marksMatricesInPlaceAndNothingElse() throws Exception {
        try (var model = LoadedModels.of(files(OnnxModel.FLOAT, ROWS * COLUMNS * 4L))) {
            assertThat(CopyMark.put(model, mine)).isEqualTo(1);

            float[] marked = matrix(model);
            var residual = new Residual();
            residual.add("w", weights, marked);
            assertThat(residual.test(mine).log2P()).isLessThan(-64);
            assertThat(model.view("weights.bin").get(ValueLayout.JAVA_FLOAT, 0)).isEqualTo(42f);
        }
    }

    @Test
    void refusesAModelThatCannotCarryAMark() {
        try (var model = LoadedModels.of(files(OnnxModel.INT64, ROWS * COLUMNS * 4L / 2))) {
            assertThatThrownBy(() -> CopyMark.put(model, mine))
                    .isInstanceOf(UnservableModelException.class)
                    .hasMessageContaining("no tensor of this model can carry a mark");
        }
    }

    @Test
    void readsTheSealedKeyAndRefusesAnythingElseInItsPlace() throws Exception {
        Map<String, byte[]> files = files(OnnxModel.FLOAT, ROWS * COLUMNS * 4L);
        try (var model = LoadedModels.of(files)) {
            assertThat(CopyMark.key(model)).isEmpty();
        }
        files.put(KEY_FILE, new byte[32]);
        try (var model = LoadedModels.of(files);
                var key = CopyMark.key(model).orElseThrow()) {
            assertThat(key.bytes()).isEqualTo(new byte[32]);
            assertThat(model.weightFiles()).containsOnlyKeys("weights.bin");
        }
        files.put(KEY_FILE, new byte[31]);
        try (var model = LoadedModels.of(files)) {
            assertThatThrownBy(() -> CopyMark.key(model))
                    .isInstanceOf(UnservableModelException.class)
                    .hasMessageContaining("expected 32 bytes, got 31");
        }
    }

    /** A bias of one float, then the matrix. */
    private Map<String, byte[]> files(int type, long bytes) {
        long elements = type == OnnxModel.FLOAT ? bytes / 4 : bytes / 8;
        var files = new LinkedHashMap<String, byte[]>();
        files.put(
                "model.onnx",
                new OnnxModel()
                        .input("x", type, -1, ROWS)
                        .output("y", type, -1, COLUMNS)
                        .external("b", OnnxModel.FLOAT, "weights.bin", "0", "4", 1)
                        .external(
                                "w",
                                type,
                                "weights.bin",
                                "4",
                                Long.toString(bytes),
                                ROWS,
                                elements / ROWS)
                        .node("MatMul", List.of("x", "w"), List.of("y"))
                        .bytes());
        var content = ByteBuffer.allocate(4 + weights.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        content.putFloat(42);
        for (float weight : weights) {
            content.putFloat(weight);
        }
        files.put("weights.bin", content.array());
        return files;
    }

    private float[] matrix(LoadedModel model) {
        float[] read = new float[weights.length];
        model.view("weights.bin")
                .asSlice(4)
                .asByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(read);
        return read;
    }
}

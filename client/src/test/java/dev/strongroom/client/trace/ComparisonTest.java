package dev.strongroom.client.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.client.ClientException;
import dev.strongroom.fingerprint.FingerprintKey;
import dev.strongroom.fingerprint.Marker;
import dev.strongroom.fingerprint.Recipient;
import dev.strongroom.fingerprint.RecipientKey;
import dev.strongroom.proto.onnx.GraphProto;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.StringStringEntryProto;
import dev.strongroom.proto.onnx.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mark is found in ONNX files of every kind that a thief may save his copy as. */
class ComparisonTest {
    private static final int ROWS = 200;
    private static final int COLUMNS = 300;
    private static final byte[] KEY = new byte[FingerprintKey.BYTES];

    @TempDir private Path folder;
    private final RecipientKey thief =
            FingerprintKey.of(KEY).forRecipient(new Recipient("a1".repeat(16), 7));
    private float[] original;
    private float[] marked;
    private Path originalFile;

    @BeforeEach
    void model() throws Exception {
        var random = new Random(1);
        original = new float[ROWS * COLUMNS];
        for (int i = 0; i < original.length; i++) {
            original[i] = (float) random.nextGaussian();
        }
        marked = original.clone();
        Marker.mark(thief, "w", FloatBuffer.wrap(marked));
        originalFile = save("original.onnx", tensor("w", 1).setRawData(raw(original)));
    }

    @Test
    void findsTheMarkInPlainFloats() throws Exception {
        assertNamed(save("copy.onnx", tensor("w", 1).setRawData(raw(marked))));
        var listed = tensor("w", 1);
        for (float value : marked) {
            listed.addFloatData(value);
        }
        assertNamed(save("listed.onnx", listed));
    }

    @Test
    void findsTheMarkUnderAnotherName() throws Exception {
        assertNamed(save("renamed.onnx", tensor("renamed", 1).setRawData(raw(marked))));
    }

    @Test
    void findsTheMarkInExternalData() throws Exception {
        Files.write(folder.resolve("weights.bin"), raw(marked).toByteArray());
        var tensor =
                tensor("w", 1)
                        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                        .addExternalData(entry("location", "weights.bin"))
                        .addExternalData(entry("offset", "0"));
        assertNamed(save("external.onnx", tensor));
    }

    @Test
    void findsTheMarkInHalfPrecision() throws Exception {
        var half = ByteBuffer.allocate(marked.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        var brain = ByteBuffer.allocate(marked.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : marked) {
            half.putShort(Float.floatToFloat16(value));
            brain.putShort((short) ((Float.floatToRawIntBits(value) + 0x8000) >>> 16));
        }
        assertNamed(
                save("half.onnx", tensor("w", 10).setRawData(ByteString.copyFrom(half.flip()))));
        assertNamed(
                save("brain.onnx", tensor("w", 16).setRawData(ByteString.copyFrom(brain.flip()))));
    }

    @Test
    void findsTheMarkInQuantisedWeights() throws Exception {
        float step = 4.5f / 127;
        byte[] integers = new byte[marked.length];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = (byte) (Math.clamp(Math.round(marked[i] / step), -127, 127) + 128);
        }
        Path file =
                save(
                        "int8.onnx",
                        tensor("w_quantized", 2).setRawData(ByteString.copyFrom(integers)),
                        scalar("w_scale", 1).addFloatData(step),
                        scalar("w_zero_point", 2).addInt32Data(128));
        assertNamed(file);
    }

    @Test
    void saysNothingAboutTheOriginalOrAStrangersCopy() throws Exception {
        assertThat(Comparison.of(originalFile, originalFile).residual().test(thief).log2P())
                .isZero();
        float[] other = original.clone();
        Marker.mark(
                FingerprintKey.of(KEY).forRecipient(new Recipient("b2".repeat(16), 8)),
                "w",
                FloatBuffer.wrap(other));
        Path strangers = save("other.onnx", tensor("w", 1).setRawData(raw(other)));
        assertThat(Comparison.of(originalFile, strangers).residual().test(thief).log2P())
                .isGreaterThan(-30);
    }

    @Test
    void countsWhatASuspectLacks() throws Exception {
        Path empty = save("empty.onnx");
        Path cut = save("cut.onnx", tensor("w", 1).setRawData(ByteString.copyFrom(new byte[8])));
        for (Path file : new Path[] {empty, cut}) {
            var comparison = Comparison.of(originalFile, file);
            assertThat(comparison.tensors()).isEqualTo(1);
            assertThat(comparison.paired()).isZero();
            assertThat(comparison.residual().test(thief).t()).isZero();
        }
    }

    @Test
    void refusesWhatIsNoModelAndDataElsewhere() throws Exception {
        Path noise = Files.write(folder.resolve("noise.onnx"), new byte[] {(byte) 0xff, 1, 2});
        assertThatThrownBy(() -> Comparison.of(originalFile, noise))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("not an ONNX file");
        Path escaping =
                save(
                        "escape.onnx",
                        tensor("w", 1)
                                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                                .addExternalData(entry("location", "../../etc/passwd")));
        assertThatThrownBy(() -> Comparison.of(originalFile, escaping))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("outside the model's folder");
    }

    private void assertNamed(Path suspect) throws Exception {
        var comparison = Comparison.of(originalFile, suspect);
        assertThat(comparison.paired()).isEqualTo(1);
        assertThat(comparison.residual().test(thief).log2P()).isLessThan(-64);
    }

    private Path save(String name, TensorProto.Builder... tensors) throws Exception {
        var graph = GraphProto.newBuilder();
        Arrays.stream(tensors).forEach(graph::addInitializer);
        return Files.write(
                folder.resolve(name),
                ModelProto.newBuilder().setIrVersion(8).setGraph(graph).build().toByteArray());
    }

    private static TensorProto.Builder tensor(String name, int type) {
        return scalar(name, type).addDims(ROWS).addDims(COLUMNS);
    }

    private static TensorProto.Builder scalar(String name, int type) {
        return TensorProto.newBuilder().setName(name).setDataType(type);
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private static ByteString raw(float[] values) {
        var bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return ByteString.copyFrom(bytes);
    }
}

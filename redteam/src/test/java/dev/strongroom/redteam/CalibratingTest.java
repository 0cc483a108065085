package dev.strongroom.redteam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.serving.guard.detect.Calibration;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibratingTest {
    private static final int INPUTS = 6;

    private final Mlp model = new Mlp(INPUTS, 5, 3, new Random(1));

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @TempDir Path folder;

    @Test
    void tapsWhatEntersTheLastLayerAndChangesNoAnswer() throws Exception {
        Path plain = write("plain.onnx", OnnxExport.model(model));
        ModelProto tapped =
                PenultimateTap.add(ModelProto.parseFrom(Files.readAllBytes(plain))).orElseThrow();
        Path file = write("tapped.onnx", tapped.toByteArray());
        float[] row = {0.1f, 0.9f, 0.3f, 0.2f, 0.5f, 0.7f};
        try (var untouched = new OnnxVictim(plain);
                var victim = new OnnxVictim(file)) {
            assertThat(victim.answer(row).probabilities())
                    .containsExactly(untouched.answer(row).probabilities());
            assertThat(victim.answer(row).features())
                    .containsExactly(model.hiddenOf(row), within(1e-5f));
        }
        assertThat(PenultimateTap.add(tapped)).isEmpty();
    }

    @Test
    void findsNoTapWhereTheOutputIsNoLinearLayers() {
        assertThat(PenultimateTap.add(ModelProto.getDefaultInstance())).isEmpty();
    }

    @Test
    void writesACalibrationThatANodeReads() throws Exception {
        Path samples = write("samples.npy", npy(600));
        write("plain.onnx", OnnxExport.model(model));
        assertThat(calibrate(samples)).isZero();
        var calibration =
                Calibration.read(
                        ByteBuffer.wrap(Files.readAllBytes(folder.resolve("calibration"))));
        assertThat(calibration.inputSize()).isEqualTo(INPUTS);
        assertThat(calibration.featureSize()).isEqualTo(5);
        assertThat(calibration.classes()).isEqualTo(3);
    }

    /** Token ids, for instance; the detector would see none of them. */
    @Test
    void refusesAModelThatTheDetectorCannotWatchAndSaysWhy() throws Exception {
        byte[] tokens = { // one more input of the graph: "ids", INT64, one number
            0x3a, 19, 0x5a, 17, 0x0a, 3, 'i', 'd', 's', 0x12, 10, 0x0a, 8, 0x08, 7, 0x12, 4, 0x0a,
            2, 0x08, 1
        };
        var both = new ByteArrayOutputStream();
        both.writeBytes(OnnxExport.model(model));
        both.writeBytes(tokens);
        write("plain.onnx", both.toByteArray());
        assertThat(calibrate(write("samples.npy", npy(600)))).isEqualTo(1);
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("one input of 32-bit floats", "ids (INT64)");
        assertThat(folder.resolve("tapped.onnx")).doesNotExist();
    }

    @Test
    void refusesTooFewSamples() throws Exception {
        write("plain.onnx", OnnxExport.model(model));
        assertThat(calibrate(write("samples.npy", npy(20)))).isEqualTo(1);
    }

    private int calibrate(Path samples) throws Exception {
        var out = new PrintStream(said, true, StandardCharsets.UTF_8);
        String[] arguments = {
            "calibrate",
            folder.resolve("plain.onnx").toString(),
            samples.toString(),
            folder.resolve("tapped.onnx").toString(),
            folder.resolve("calibration").toString()
        };
        return Calibrating.run(arguments, out, out);
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static byte[] npy(int rows) {
        String header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }\n"
                        .formatted(rows, INPUTS);
        var bytes =
                ByteBuffer.allocate(10 + header.length() + rows * INPUTS * Float.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
        bytes.putShort((short) header.length());
        bytes.put(header.getBytes(StandardCharsets.US_ASCII));
        var random = new Random(2);
        while (bytes.hasRemaining()) {
            bytes.putFloat(random.nextFloat());
        }
        return bytes.array();
    }
}

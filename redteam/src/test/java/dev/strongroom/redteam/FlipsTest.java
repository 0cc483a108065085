package dev.strongroom.redteam;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.StringStringEntryProto;
import dev.strongroom.proto.onnx.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlipsTest {
    private static final int INPUTS = 6;
    private static final float STEP = 0.02f; // above what a mark moves any weight of this model

    @TempDir Path folder;

    private final Mlp network = new Mlp(INPUTS, 8, 4, new Random(1));
    private Path model;
    private Path samples;

    @BeforeEach
    void write() throws Exception {
        model = Files.write(folder.resolve("model.onnx"), OnnxExport.model(network));
        samples = folder.resolve("samples.npy");
        var random = new Random(2);
        List<float[]> rows = new ArrayList<>();
        for (int row = 0; row < 300; row++) {
            var values = new float[INPUTS];
            for (int at = 0; at < INPUTS; at++) {
                values[at] = random.nextFloat();
            }
            rows.add(values);
        }
        Npy.write(samples, rows);
    }

    private record Run(int exit, String out, String err) {}

    private static Run run(Object... words) throws Exception {
        var arguments = new ArrayList<>(List.of("flips"));
        for (Object word : words) {
            arguments.add(word.toString());
        }
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int exit =
                Flips.run(
                        arguments.toArray(String[]::new),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Run(
                exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aMarkChangesEachWeightALittleAndTheRestNotAtAll() throws Exception {
        MarkedCopy copy = MarkedCopy.of(model, new SecureRandom());
        assertThat(copy.tensors()).isEqualTo(2);
        ModelProto before = ModelProto.parseFrom(Files.readAllBytes(model));
        for (int at = 0; at < before.getGraph().getInitializerCount(); at++) {
            TensorProto was = before.getGraph().getInitializer(at);
            TensorProto is = copy.model().getGraph().getInitializer(at);
            float[] weights = RowTensor.row(was.getRawData().asReadOnlyByteBuffer());
            float[] marked = RowTensor.row(is.getRawData().asReadOnlyByteBuffer());
            assertThat(marked).hasSameSizeAs(weights);
            for (int weight = 0; weight < weights.length; weight++) {
                float moved = Math.abs(marked[weight] - weights[weight]);
                if (was.getDimsCount() == 2) {
                    assertThat(moved).isPositive().isLessThan(STEP);
                } else {
                    assertThat(moved).isZero();
                }
            }
        }
    }

    @Test
    void saysHowOftenAMarkedCopyAnswersOtherwise() throws Exception {
        Run run = run(model, samples);
        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .contains("2 tensors marked")
                .containsPattern("300 rows: another best class in [0-9] of them");
    }

    @Test
    void comparesACopyThatWasFound() throws Exception {
        assertThat(run(model, samples, model).out()).contains("in 0 of them (0.000 %)");
        Path other =
                Files.write(
                        folder.resolve("other.onnx"),
                        OnnxExport.model(new Mlp(INPUTS, 8, 4, new Random(9))));
        assertThat(run(model, samples, other).out()).doesNotContain("in 0 of them");
    }

    @Test
    void readsWeightsFromTheirOwnFile() throws Exception {
        ModelProto.Builder split = ModelProto.parseFrom(Files.readAllBytes(model)).toBuilder();
        TensorProto first = split.getGraph().getInitializer(0);
        Files.write(
                folder.resolve("weights"),
                ByteString.copyFrom(new byte[16]).concat(first.getRawData()).toByteArray());
        split.getGraphBuilder()
                .setInitializer(
                        0,
                        first.toBuilder()
                                .clearRawData()
                                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                                .addExternalData(entry("location", "weights"))
                                .addExternalData(entry("offset", "16")));
        Path file = Files.write(folder.resolve("split.onnx"), split.build().toByteArray());
        assertThat(run(file, samples).out()).contains("2 tensors marked");
        Files.write(folder.resolve("weights"), new byte[8]);
        assertThat(run(file, samples).err()).contains("lies outside of it");
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    @Test
    void saysWhatItNeeds() throws Exception {
        assertThat(run(model).err()).contains("usage: strongroom guard flips");
        Path narrow =
                Files.write(
                        folder.resolve("narrow.onnx"),
                        OnnxExport.model(new Mlp(INPUTS - 1, 8, 4, new Random(9))));
        assertThat(run(model, samples, narrow).err()).contains("expected rows of 6 values");
    }
}

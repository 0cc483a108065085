package dev.strongroom.serving.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.guard.detect.Calibration;
import dev.strongroom.serving.guard.detect.CalibrationSamples;
import dev.strongroom.serving.guard.detect.EvidenceProcess;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowWatchTest {
    private static final int WIDTH = 8;

    private final Random random = new Random(4);
    private final RowWatch watch =
            new RowWatch(calibration(), new SecureRandom(), InstantSource.system());
    private final EvidenceProcess evidence = new EvidenceProcess();

    @Test
    void countsEachRowOfABatchAsAQuery() {
        observe(honest(), honest(), honest());
        assertThat(evidence.queries()).isEqualTo(3);
    }

    @Test
    void flagsABatchOfForeignRowsAtOnce() {
        var rows = new float[20][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = foreign();
        }
        observe(rows);
        assertThat(evidence.evidence()).isGreaterThan(1e6);
    }

    @Test
    void saysWhatItCannotJudge() {
        Tensor wrong = tensor("x", new float[][] {new float[WIDTH + 1]});
        assertThat(watch.observe(1, List.of(wrong), List.of())).isInstanceOf(Signs.Unjudged.class);
        assertThat(evidence.queries()).isZero();
    }

    private void observe(float[]... rows) {
        var features = new float[rows.length][];
        var outputs = new float[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            features[row] = features(rows[row]);
            outputs[row] = outputs(rows[row]);
        }
        Signs signs =
                watch.observe(
                        1,
                        List.of(tensor("x", rows)),
                        List.of(
                                tensor("p", outputs),
                                tensor(TensorSignature.PENULTIMATE, features)));
        ((Signs.Judged) signs).p().forEach(evidence::add);
    }

    private Calibration calibration() {
        var samples = new CalibrationSamples(WIDTH, 3, 2);
        for (int sample = 0; sample < 4000; sample++) {
            float[] row = honest();
            samples.add(row, features(row), outputs(row));
        }
        return samples.fit();
    }

    /** On a line, but for a little. */
    private float[] honest() {
        float along = (float) random.nextGaussian();
        var row = new float[WIDTH];
        for (int at = 0; at < WIDTH; at++) {
            row[at] = along + (float) (0.05 * random.nextGaussian());
        }
        return row;
    }

    private float[] foreign() {
        var row = new float[WIDTH];
        for (int at = 0; at < WIDTH; at++) {
            row[at] = (float) random.nextGaussian();
        }
        return row;
    }

    private static float[] features(float[] row) {
        return new float[] {row[0] + row[1], row[2] - row[3], row[4]};
    }

    private static float[] outputs(float[] row) {
        return new float[] {row[0], -row[0]};
    }

    private static Tensor tensor(String name, float[][] rows) {
        var bytes =
                ByteBuffer.allocate(rows.length * rows[0].length * Float.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (float[] row : rows) {
            for (float value : row) {
                bytes.putFloat(value);
            }
        }
        return new Tensor(
                name,
                ElementType.FP32,
                List.of((long) rows.length, (long) rows[0].length),
                new Tensor.Content.Numbers(bytes.flip()));
    }
}

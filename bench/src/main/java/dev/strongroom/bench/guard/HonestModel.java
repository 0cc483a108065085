package dev.strongroom.bench.guard;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.guard.detect.Calibration;
import dev.strongroom.serving.guard.detect.CalibrationSamples;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/** Classes that are clouds in a plane of 40 dimensions, and a layer of rectified features. */
final class HonestModel {
    private static final int INPUT = 196;
    private static final int PLANE = 40;
    private static final int FEATURES = 64;
    private static final int CLASSES = 10;

    private final Random random;
    private final float[][] plane;
    private final float[][] centres;
    private final float[][] layer;

    /** One row with its answer and the penultimate tensor. */
    record Query(float[] row, List<Tensor> answer) {
        List<Tensor> inputs() {
            return List.of(tensor("x", row));
        }

        /** Another input that is as honest. */
        Query moved(int by) {
            float[] moved = row.clone();
            moved[0] += 1e-6f * by;
            return new Query(moved, answer);
        }
    }

    HonestModel(long seed) {
        random = new Random(seed);
        plane = gaussian(PLANE, INPUT);
        centres = gaussian(CLASSES, PLANE);
        layer = gaussian(FEATURES, INPUT);
    }

    Calibration calibration(int samples) {
        var set = new CalibrationSamples(INPUT, FEATURES, CLASSES);
        for (int sample = 0; sample < samples; sample++) {
            int of = random.nextInt(CLASSES);
            float[] row = row(of);
            set.add(row, features(row), probabilities(of));
        }
        return set.fit();
    }

    Query query() {
        int of = random.nextInt(CLASSES);
        float[] row = row(of);
        return new Query(
                row,
                List.of(
                        tensor("y", probabilities(of)),
                        tensor(TensorSignature.PENULTIMATE, features(row))));
    }

    private float[] row(int of) {
        var row = new float[INPUT];
        for (int k = 0; k < PLANE; k++) {
            double along = 3 * centres[of][k] + random.nextGaussian();
            for (int at = 0; at < INPUT; at++) {
                row[at] += (float) (along * plane[k][at] / 6);
            }
        }
        for (int at = 0; at < INPUT; at++) {
            row[at] += (float) (0.1 * random.nextGaussian());
        }
        return row;
    }

    private float[] features(float[] row) {
        var features = new float[FEATURES];
        for (int k = 0; k < FEATURES; k++) {
            double sum = 0;
            for (int at = 0; at < INPUT; at++) {
                sum += (double) layer[k][at] * row[at];
            }
            features[k] = (float) Math.max(0, sum);
        }
        return features;
    }

    private float[] probabilities(int of) {
        var shares = new float[CLASSES];
        double sum = 0;
        for (int at = 0; at < CLASSES; at++) {
            shares[at] = (float) Math.exp((at == of ? 4 : 0) + random.nextGaussian());
            sum += shares[at];
        }
        for (int at = 0; at < CLASSES; at++) {
            shares[at] /= (float) sum;
        }
        return shares;
    }

    private float[][] gaussian(int rows, int columns) {
        var values = new float[rows][columns];
        for (float[] row : values) {
            for (int at = 0; at < columns; at++) {
                row[at] = (float) random.nextGaussian();
            }
        }
        return values;
    }

    private static Tensor tensor(String name, float[] row) {
        var bytes = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : row) {
            bytes.putFloat(value);
        }
        return new Tensor(
                name,
                ElementType.FP32,
                List.of(1L, (long) row.length),
                new Tensor.Content.Numbers(bytes.flip()));
    }
}

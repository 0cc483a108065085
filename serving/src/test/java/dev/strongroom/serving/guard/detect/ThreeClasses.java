package dev.strongroom.serving.guard.detect;

import java.util.Random;

/** A classifier of three numbers, the softmax of its input, and what honest callers ask it. */
public final class ThreeClasses {
    private static final int SAMPLES = 4000;

    private ThreeClasses() {}

    /** Calibrated with honest rows. */
    public static Calibration calibration(Random random) {
        var samples = new CalibrationSamples(3, 3, 3);
        for (int i = 0; i < SAMPLES; i++) {
            float[] row = honest(random);
            samples.add(row, row, softmax(row));
        }
        return samples.fit();
    }

    /** One of three classes, some spread around it. */
    public static float[] honest(Random random) {
        var row = new float[3];
        row[random.nextInt(3)] = 2;
        for (int at = 0; at < row.length; at++) {
            row[at] += (float) (0.4 * random.nextGaussian());
        }
        return row;
    }

    private static float[] softmax(float[] logits) {
        var shares = new float[logits.length];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        for (int at = 0; at < shares.length; at++) {
            shares[at] = (float) (Math.exp(logits[at]) / sum);
        }
        return shares;
    }
}

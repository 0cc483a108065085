package dev.strongroom.redteam;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;

/**
 * Has no data at all: a generator of one layer turns noise into inputs and learns to make those on
 * which two clones disagree (DisGUIDE, Rosenthal et al. 2023), which is where they err.
 */
final class DataFree extends CloneGuided {
    private static final int LATENT = 16;
    private static final int ROUND = 32;
    private static final int EPOCHS = 10;
    private static final int STEPS = 20; // of the generator between two rounds
    private static final float RATE = 0.5f;

    private final int inputs;
    private final Mlp one;
    private final Mlp other;
    private final float[] weights; // [latent][input]
    private final float[] bias;

    DataFree(Mlp one, Mlp other, Random random) {
        this(one, other, random, noise(LATENT * one.inputs, random));
    }

    private DataFree(Mlp one, Mlp other, Random random, float[] start) {
        super(
                List.of(one, other),
                EPOCHS,
                made(one.inputs, ROUND, start, new float[one.inputs], random),
                random);
        this.inputs = one.inputs;
        this.one = one;
        this.other = other;
        this.weights = start;
        this.bias = new float[inputs];
    }

    @Override
    Collection<float[]> plan(List<float[]> rows, List<float[]> replies) {
        for (int step = 0; step < STEPS; step++) {
            improve(noise(LATENT, random));
        }
        return made(inputs, ROUND, weights, bias, random);
    }

    /** One step of gradient ascent on what the clones disagree by. */
    private void improve(float[] latent) {
        float[] row = made(inputs, weights, bias, latent);
        int label = one.label(row);
        float[] up = one.inputGradient(row, label);
        float[] down = other.inputGradient(row, label);
        for (int at = 0; at < inputs; at++) {
            float slope = RATE * (up[at] - down[at]) * row[at] * (1 - row[at]);
            bias[at] += slope;
            for (int k = 0; k < LATENT; k++) {
                weights[k * inputs + at] += slope * latent[k];
            }
        }
    }

    private static List<float[]> made(
            int inputs, int count, float[] weights, float[] bias, Random random) {
        var rows = new ArrayList<float[]>();
        for (int row = 0; row < count; row++) {
            rows.add(made(inputs, weights, bias, noise(LATENT, random)));
        }
        return rows;
    }

    private static float[] made(int inputs, float[] weights, float[] bias, float[] latent) {
        float[] row = bias.clone();
        for (int k = 0; k < LATENT; k++) {
            for (int at = 0; at < inputs; at++) {
                row[at] += latent[k] * weights[k * inputs + at];
            }
        }
        for (int at = 0; at < inputs; at++) {
            row[at] = (float) (1 / (1 + Math.exp(-row[at])));
        }
        return row;
    }

    private static float[] noise(int count, Random random) {
        var noise = new float[count];
        for (int at = 0; at < count; at++) {
            noise[at] = (float) random.nextGaussian();
        }
        return noise;
    }
}

package dev.strongroom.redteam;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** What thieves do to weights that they hold, so that nobody knows where they are from. */
final class Tampering {
    private Tampering() {}

    static Mlp bfloat16(Mlp copy) {
        return each(
                copy,
                weights -> {
                    for (int at = 0; at < weights.length; at++) {
                        int bits = Float.floatToRawIntBits(weights[at]) + 0x8000;
                        weights[at] = Float.intBitsToFloat(bits & 0xffff0000);
                    }
                });
    }

    /** Symmetric, one scale for each group of weights. */
    static Mlp quantised(Mlp copy, int bits, int group) {
        return each(
                copy,
                weights -> {
                    for (int start = 0; start < weights.length; start += group) {
                        int end = Math.min(weights.length - start, group) + start;
                        quantise(weights, start, end, (1 << (bits - 1)) - 1);
                    }
                });
    }

    private static void quantise(float[] weights, int start, int end, int steps) {
        float largest = 0;
        for (int at = start; at < end; at++) {
            largest = Math.max(largest, Math.abs(weights[at]));
        }
        float step = largest / steps;
        for (int at = start; at < end && step > 0; at++) {
            weights[at] = Math.round(weights[at] / step) * step;
        }
    }

    /** The smallest weights of each layer become zero. */
    static Mlp pruned(Mlp copy, double share) {
        return each(
                copy,
                weights -> {
                    var sizes = new float[weights.length];
                    for (int at = 0; at < weights.length; at++) {
                        sizes[at] = Math.abs(weights[at]);
                    }
                    Arrays.sort(sizes);
                    float limit = sizes[(int) (share * weights.length)];
                    for (int at = 0; at < weights.length; at++) {
                        weights[at] = Math.abs(weights[at]) < limit ? 0 : weights[at];
                    }
                });
    }

    /** Trained on, at a rate of its own. */
    static Mlp tuned(Mlp copy, double rate, Samples samples, Random random) {
        Mlp tuned = copy.copy();
        new Trainer(tuned, rate).train(samples.rows(), samples.targets(copy.outputs), 1, random);
        return tuned;
    }

    /** Several recipients' copies together. */
    static Mlp averaged(List<Mlp> copies) {
        Mlp mean = copies.getFirst().copy();
        List<float[]> sums = mean.parameters();
        for (int part = 0; part < sums.size(); part++) {
            float[] sum = sums.get(part);
            Arrays.fill(sum, 0);
            for (Mlp copy : copies) {
                float[] weights = copy.parameters().get(part);
                for (int at = 0; at < sum.length; at++) {
                    sum[at] += weights[at] / copies.size();
                }
            }
        }
        return mean;
    }

    /** Hidden units in another order, each scaled up and its answer down: the same function. */
    static Mlp shuffled(Mlp copy, Random random) {
        Mlp shuffled = copy.copy();
        int[] order = random.ints(0, copy.hidden).distinct().limit(copy.hidden).toArray();
        for (int unit = 0; unit < copy.hidden; unit++) {
            float scale = 0.25f + 4 * random.nextFloat();
            int from = order[unit];
            for (int input = 0; input < copy.inputs; input++) {
                shuffled.first[input * copy.hidden + unit] =
                        scale * copy.first[input * copy.hidden + from];
            }
            shuffled.firstBias[unit] = scale * copy.firstBias[from];
            for (int output = 0; output < copy.outputs; output++) {
                shuffled.second[unit * copy.outputs + output] =
                        copy.second[from * copy.outputs + output] / scale;
            }
        }
        return shuffled;
    }

    private static Mlp each(Mlp copy, Consumer<float[]> change) {
        Mlp changed = copy.copy();
        changed.parameters().forEach(change);
        return changed;
    }
}

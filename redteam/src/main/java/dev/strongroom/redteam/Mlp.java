package dev.strongroom.redteam;

import java.util.List;
import java.util.Random;

/**
 * A multi-layer perceptron with one hidden rectified layer, or with none: a softmax regression.
 * Rows of weights belong to inputs, so that every loop walks memory in order.
 *
 * <p>Not thread-safe while it is trained; afterwards reading is.
 */
final class Mlp {
    final int inputs;
    final int hidden;
    final int outputs;
    final float[] first; // [input][hidden]
    final float[] firstBias;
    final float[] second; // [hidden or input][output]
    final float[] secondBias;

    Mlp(int inputs, int hidden, int outputs, Random random) {
        this.inputs = inputs;
        this.hidden = hidden;
        this.outputs = outputs;
        this.first = gaussian(inputs * hidden, Math.sqrt(2.0 / inputs), random);
        this.firstBias = new float[hidden];
        int last = hidden == 0 ? inputs : hidden;
        this.second = gaussian(last * outputs, Math.sqrt(1.0 / last), random);
        this.secondBias = new float[outputs];
    }

    private Mlp(Mlp other) {
        this.inputs = other.inputs;
        this.hidden = other.hidden;
        this.outputs = other.outputs;
        this.first = other.first.clone();
        this.firstBias = other.firstBias.clone();
        this.second = other.second.clone();
        this.secondBias = other.secondBias.clone();
    }

    Mlp copy() {
        return new Mlp(this);
    }

    /** The arrays themselves: changing them changes the network. */
    List<float[]> parameters() {
        return List.of(first, firstBias, second, secondBias);
    }

    int weights() {
        return first.length + firstBias.length + second.length + secondBias.length;
    }

    /** The hidden layer's values; of a regression its logits, which are all it has. */
    float[] features(float[] input) {
        return hidden == 0 ? logits(input) : hiddenOf(input);
    }

    float[] logits(float[] input) {
        float[] last = hidden == 0 ? input : hiddenOf(input);
        return dense(last, second, secondBias);
    }

    float[] probabilities(float[] input) {
        return softmax(logits(input));
    }

    int label(float[] input) {
        return Vectors.best(logits(input));
    }

    float[] hiddenOf(float[] input) {
        float[] values = dense(input, first, firstBias);
        for (int at = 0; at < values.length; at++) {
            values[at] = Math.max(0, values[at]);
        }
        return values;
    }

    /** How the logit of a class changes with each input. */
    float[] inputGradient(float[] input, int of) {
        if (hidden == 0) {
            var gradient = new float[inputs];
            for (int at = 0; at < inputs; at++) {
                gradient[at] = second[at * outputs + of];
            }
            return gradient;
        }
        var wanted = new float[hidden];
        for (int unit = 0; unit < hidden; unit++) {
            wanted[unit] = second[unit * outputs + of];
        }
        return inputGradient(input, wanted);
    }

    /** How a weighted sum of the hidden layer's values changes with each input. */
    float[] inputGradient(float[] input, float[] wanted) {
        float[] values = hiddenOf(input);
        var gradient = new float[inputs];
        for (int at = 0; at < inputs; at++) {
            float sum = 0;
            for (int unit = 0; unit < hidden; unit++) {
                sum += values[unit] > 0 ? wanted[unit] * first[at * hidden + unit] : 0;
            }
            gradient[at] = sum;
        }
        return gradient;
    }

    static float[] softmax(float[] logits) {
        float most = logits[Vectors.best(logits)];
        var values = new float[logits.length];
        float sum = 0;
        for (int at = 0; at < logits.length; at++) {
            values[at] = (float) Math.exp(logits[at] - most);
            sum += values[at];
        }
        for (int at = 0; at < logits.length; at++) {
            values[at] /= sum;
        }
        return values;
    }

    private static float[] dense(float[] input, float[] weights, float[] bias) {
        float[] sums = bias.clone();
        int width = sums.length;
        for (int at = 0; at < input.length; at++) {
            float value = input[at];
            if (value == 0) {
                continue;
            }
            int row = at * width;
            for (int unit = 0; unit < width; unit++) {
                sums[unit] += value * weights[row + unit];
            }
        }
        return sums;
    }

    private static float[] gaussian(int count, double deviation, Random random) {
        var values = new float[count];
        for (int at = 0; at < count; at++) {
            values[at] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }
}

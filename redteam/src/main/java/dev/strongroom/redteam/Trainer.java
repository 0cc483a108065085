package dev.strongroom.redteam;

import java.util.List;
import java.util.Random;

/** Trains a perceptron on rows and target distributions: Adam. */
final class Trainer {
    private static final int BATCH = 32;
    private static final double RATE = 1e-3;
    private static final double MEAN_DECAY = 0.9;
    private static final double SQUARE_DECAY = 0.999;

    private final Mlp model;
    private final double rate;
    private final Layer first;
    private final Layer firstBias;
    private final Layer second;
    private final Layer secondBias;
    private int steps;

    /** How answers and targets are compared. */
    private enum Targets {
        DISTRIBUTIONS, // cross-entropy
        VALUES // squares
    }

    private final Targets targets;

    Trainer(Mlp model) {
        this(model, RATE);
    }

    Trainer(Mlp model, double rate) {
        this(model, rate, Targets.DISTRIBUTIONS);
    }

    /** Towards the targets themselves, for a network whose logits are its answer. */
    static Trainer ofValues(Mlp model) {
        return new Trainer(model, RATE, Targets.VALUES);
    }

    private Trainer(Mlp model, double rate, Targets targets) {
        this.model = model;
        this.rate = rate;
        this.targets = targets;
        this.first = new Layer(model.first);
        this.firstBias = new Layer(model.firstBias);
        this.second = new Layer(model.second);
        this.secondBias = new Layer(model.secondBias);
    }

    /** Goes {@code epochs} times over the rows in random order. */
    void train(List<float[]> rows, List<float[]> targets, int epochs, Random random) {
        int[] order = new int[rows.size()];
        for (int at = 0; at < order.length; at++) {
            order[at] = at;
        }
        for (int epoch = 0; epoch < epochs; epoch++) {
            shuffle(order, random);
            for (int from = 0; from < order.length; from += BATCH) {
                int to = Math.min(from + BATCH, order.length);
                for (int at = from; at < to; at++) {
                    accumulate(rows.get(order[at]), targets.get(order[at]));
                }
                step(to - from);
            }
        }
    }

    private void accumulate(float[] input, float[] target) {
        float[] last = model.hidden == 0 ? input : model.hiddenOf(input);
        var error = new float[model.outputs];
        float[] logits = model.secondBias.clone();
        for (int at = 0; at < last.length; at++) {
            int row = at * model.outputs;
            for (int of = 0; of < model.outputs; of++) {
                logits[of] += last[at] * model.second[row + of];
            }
        }
        float[] answer = targets == Targets.VALUES ? logits : Mlp.softmax(logits);
        for (int of = 0; of < model.outputs; of++) {
            error[of] = answer[of] - target[of];
        }
        outer(last, error, second.gradient);
        add(error, secondBias.gradient);
        if (model.hidden > 0) {
            float[] back = backToHidden(last, error);
            outer(input, back, first.gradient);
            add(back, firstBias.gradient);
        }
    }

    private float[] backToHidden(float[] values, float[] error) {
        var back = new float[model.hidden];
        for (int unit = 0; unit < model.hidden; unit++) {
            if (values[unit] > 0) {
                float sum = 0;
                for (int of = 0; of < model.outputs; of++) {
                    sum += error[of] * model.second[unit * model.outputs + of];
                }
                back[unit] = sum;
            }
        }
        return back;
    }

    private static void outer(float[] left, float[] right, float[] into) {
        for (int at = 0; at < left.length; at++) {
            float value = left[at];
            if (value == 0) {
                continue;
            }
            int row = at * right.length;
            for (int of = 0; of < right.length; of++) {
                into[row + of] += value * right[of];
            }
        }
    }

    private static void add(float[] values, float[] into) {
        for (int at = 0; at < values.length; at++) {
            into[at] += values[at];
        }
    }

    private void step(int rows) {
        steps++;
        float now =
                (float)
                        (rate
                                * Math.sqrt(1 - Math.pow(SQUARE_DECAY, steps))
                                / (1 - Math.pow(MEAN_DECAY, steps)));
        for (Layer layer : List.of(first, firstBias, second, secondBias)) {
            layer.step(now, 1f / rows);
        }
    }

    private static void shuffle(int[] order, Random random) {
        for (int at = order.length - 1; at > 0; at--) {
            int other = random.nextInt(at + 1);
            int kept = order[at];
            order[at] = order[other];
            order[other] = kept;
        }
    }

    /** The weights of one matrix and what Adam remembers of their gradients. */
    private static final class Layer {
        final float[] gradient;
        private final float[] weights;
        private final float[] mean;
        private final float[] square;

        Layer(float[] weights) {
            this.weights = weights;
            this.gradient = new float[weights.length];
            this.mean = new float[weights.length];
            this.square = new float[weights.length];
        }

        void step(float rate, float scale) {
            float keepMean = (float) MEAN_DECAY;
            float keepSquare = (float) SQUARE_DECAY;
            for (int at = 0; at < weights.length; at++) {
                float slope = gradient[at] * scale;
                mean[at] = keepMean * mean[at] + (1 - keepMean) * slope;
                square[at] = keepSquare * square[at] + (1 - keepSquare) * slope * slope;
                weights[at] -= rate * mean[at] / ((float) Math.sqrt(square[at]) + 1e-8f);
                gradient[at] = 0;
            }
        }
    }
}

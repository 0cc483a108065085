package dev.strongroom.serving.guard.detect;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * Honest queries with the model's answers, from which a {@link Calibration} is made. They must not
 * have been used to train the model: it is surer of those than of any query to come.
 *
 * <p>Not thread-safe.
 */
public final class CalibrationSamples {
    /** With fewer samples the strongest evidence of a single query would be too weak to use. */
    public static final int LEAST = 500;

    private static final int MAX_FIT = 4000;
    private static final double FEATURE_RIDGE = 1e-3; // only for features that never vary
    private static final double INPUT_RIDGE = 0.2; // pixels of little variance are seldom normal
    private static final long SHUFFLE = 0x5eed; // the order of a file is not chance

    private record Row(float[] input, float[] features, float[] outputs) {}

    private final List<Row> rows = new ArrayList<>();
    private final int inputSize;
    private final int featureSize;
    private final int classes;

    public CalibrationSamples(int inputSize, int featureSize, int classes) {
        if (classes < 2 || classes > Calibration.MAX_CLASSES) {
            throw new IllegalArgumentException(
                    "expected 2 to " + Calibration.MAX_CLASSES + " classes, got " + classes);
        }
        this.inputSize = inputSize;
        this.featureSize = featureSize;
        this.classes = classes;
    }

    /** Adds one row; the arrays are kept, not copied. */
    public void add(float[] input, float[] features, float[] outputs) {
        if (input.length != inputSize
                || features.length != featureSize
                || outputs.length != classes) {
            throw new IllegalArgumentException("sample " + rows.size() + ": wrong shape");
        }
        rows.add(new Row(input, features, outputs));
    }

    public int size() {
        return rows.size();
    }

    /**
     * Learns the directions and covariance from one part of the samples, seeds the rings with a
     * second and scores the third, so that scores are of samples unseen, as those of queries are.
     *
     * @throws IllegalStateException with fewer than {@link #LEAST} samples
     */
    public Calibration fit() {
        if (rows.size() < LEAST) {
            throw new IllegalStateException(
                    "expected at least " + LEAST + " samples, got " + rows.size());
        }
        List<Row> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(SHUFFLE));
        int fitted = Math.min(MAX_FIT, shuffled.size() / 5);
        List<Row> learnt = shuffled.subList(0, fitted);
        Subspace subspace = learnSubspace(learnt);
        Whitening whitening = learnWhitening(learnt, Row::features, featureSize, FEATURE_RIDGE);
        Whitening inputs = learnWhitening(learnt, Row::input, inputSize, INPUT_RIDGE);
        List<Observation> unseen = new ArrayList<>();
        for (Row row : shuffled.subList(fitted, shuffled.size())) {
            unseen.add(
                    Observation.of(
                            row.input, row.features, row.outputs, subspace, whitening, inputs));
        }
        var scores = new ScoreCollection(classes, subspace.rank(), unseen);
        return new Calibration(
                new Calibration.Shape(inputSize, featureSize, classes),
                scores.linkRatios(),
                subspace,
                whitening,
                inputs,
                scores.references(),
                scores.tables());
    }

    private Subspace learnSubspace(List<Row> learnt) {
        int size = Folding.length(inputSize, Calibration.MAX_INPUT);
        List<float[]> inputs = learnt.stream().map(row -> Folding.fold(row.input, size)).toList();
        return SubspaceFit.fit(inputs, size);
    }

    private Whitening learnWhitening(
            List<Row> learnt, Function<Row, float[]> values, int unfolded, double ridge) {
        int size = Folding.length(unfolded, Calibration.MAX_WHITENED);
        var fit = new WhiteningFit(size, classes, ridge);
        for (Row row : learnt) {
            fit.add(Folding.fold(values.apply(row), size), Answers.best(row.outputs));
        }
        return fit.finish();
    }
}

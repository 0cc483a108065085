package dev.strongroom.serving.guard.detect;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What honest queries of one model look like, learnt from an owner's or a tenant's samples: the
 * class means and covariance of penultimate features, the principal directions of inputs, and for
 * each predicted class the scores of honest queries.
 *
 * <p>Tables are per predicted class (Mondrian conformal prediction), so that a client who only ever
 * asks about one class is as honest as any other. A class with fewer than {@value
 * #MIN_CLASS_SAMPLES} samples has no table of its own: its queries are held against all classes
 * together, and nearness says nothing about them.
 *
 * <p>Immutable and thread-safe. It describes the samples' distribution and is as confidential as
 * they are; it is sealed with the model.
 */
public final class Calibration {
    /** Inputs longer than this are folded to means of neighbouring values first. */
    static final int MAX_INPUT = 1024;

    /** Penultimate features longer than this are folded likewise. */
    static final int MAX_FEATURES = 256;

    static final int MAX_CLASSES = 4096;
    static final int MAX_RANK = 64;
    static final int MAX_RING = 200; // queries of one class among which a neighbour is sought
    static final int MIN_CLASS_SAMPLES = 50;

    private final int inputSize;
    private final int featureSize;
    private final int classes;
    private final int[] ringSlots;
    private final float[] linkDistances;
    private final Subspace subspace;
    private final Whitening whitening;
    private final List<List<ScoreTable>> tables; // [score][class], the last of each: all classes

    Calibration(
            int inputSize,
            int featureSize,
            int classes,
            int[] ringSlots,
            float[] linkDistances,
            Subspace subspace,
            Whitening whitening,
            List<List<ScoreTable>> tables) {
        this.inputSize = inputSize;
        this.featureSize = featureSize;
        this.classes = classes;
        this.ringSlots = ringSlots;
        this.linkDistances = linkDistances;
        this.subspace = subspace;
        this.whitening = whitening;
        this.tables = List.copyOf(tables);
    }

    /**
     * Reads what {@link #encoded()} wrote.
     *
     * @throws CalibrationFormatException if the bytes are anything else
     */
    public static Calibration read(ByteBuffer bytes) throws CalibrationFormatException {
        return new CalibrationReader(bytes).read();
    }

    /** The canonical bytes: equal calibrations have equal bytes. */
    public byte[] encoded() {
        return CalibrationWriter.encode(this);
    }

    /** Values of one query's input tensor. */
    public int inputSize() {
        return inputSize;
    }

    /** Values of one query's penultimate tensor. */
    public int featureSize() {
        return featureSize;
    }

    /** Values of one query's answer. */
    public int classes() {
        return classes;
    }

    /** For each class, among how many served queries nearness was calibrated; zero is off. */
    int[] ringSlots() {
        return ringSlots;
    }

    /** For each class, the squared distance below which two principals' queries are related. */
    float[] linkDistances() {
        return linkDistances;
    }

    Subspace subspace() {
        return subspace;
    }

    Whitening whitening() {
        return whitening;
    }

    List<List<ScoreTable>> tables() {
        return tables;
    }

    /** Scores a query; the lengths of the vectors must be this calibration's. */
    Observation observe(float[] input, float[] features, float[] outputs) {
        requireLength("input", input.length, inputSize);
        requireLength("penultimate tensor", features.length, featureSize);
        requireLength("answer", outputs.length, classes);
        return Observation.of(input, features, outputs, subspace, whitening);
    }

    /** The p-value of one score of a query that was predicted to be of class {@code predicted}. */
    double p(Score score, int predicted, float value, double tie) {
        List<ScoreTable> ofScore = tables.get(score.ordinal());
        ScoreTable own = ofScore.get(predicted);
        ScoreTable table = own.size() >= MIN_CLASS_SAMPLES ? own : ofScore.get(classes);
        return table.p(Float.isNaN(value) ? Float.POSITIVE_INFINITY : value, tie);
    }

    private static void requireLength(String what, int actual, int expected) {
        if (actual != expected) {
            throw new IllegalArgumentException(
                    what + ": expected " + expected + " values, got " + actual);
        }
    }
}

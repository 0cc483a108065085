package dev.strongroom.serving.guard.detect;

import java.nio.ByteBuffer;

/**
 * What honest queries of one model look like, learnt from an owner's or a tenant's samples: the
 * class means and covariance of penultimate features, the principal directions of inputs, samples
 * for reference, and for each predicted class the scores of honest queries.
 *
 * <p>Tables are per predicted class (Mondrian conformal prediction), so that a client who only ever
 * asks about one class is as honest as any other.
 *
 * <p>Immutable and thread-safe. It describes the samples' distribution and is as confidential as
 * they are; it is sealed with the model.
 */
public final class Calibration {
    /** Inputs longer than this are folded to means of neighbouring values first. */
    static final int MAX_INPUT = 1024;

    /** Vectors longer than this are folded likewise before their distance to a class is taken. */
    static final int MAX_WHITENED = 256;

    static final int MAX_CLASSES = 4096;
    static final int MAX_RANK = 64;
    static final int MAX_RING = 200; // queries of one class among which a neighbour is sought
    static final int MIN_CLASS_SAMPLES = 50;

    private final Shape shape;
    private final float[] linkRatios;
    private final Subspace subspace;
    private final Whitening whitening;
    private final Whitening inputs;
    private final References references;
    private final Tables tables;

    /** Lengths of one query's input, penultimate tensor and answer. */
    record Shape(int input, int features, int classes) {}

    Calibration(
            Shape shape,
            float[] linkRatios,
            Subspace subspace,
            Whitening whitening,
            Whitening inputs,
            References references,
            Tables tables) {
        this.shape = shape;
        this.linkRatios = linkRatios;
        this.subspace = subspace;
        this.whitening = whitening;
        this.inputs = inputs;
        this.references = references;
        this.tables = tables;
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
        return shape.input;
    }

    /** Values of one query's penultimate tensor. */
    public int featureSize() {
        return shape.features;
    }

    /** Values of one query's answer. */
    public int classes() {
        return shape.classes;
    }

    /**
     * For each class, the share of its distance to the nearest reference to which an honest query
     * rarely comes near another; squared.
     */
    float[] linkRatios() {
        return linkRatios;
    }

    Subspace subspace() {
        return subspace;
    }

    Whitening whitening() {
        return whitening;
    }

    /** Of inputs, as {@link #whitening()} is of penultimate features. */
    Whitening inputs() {
        return inputs;
    }

    References references() {
        return references;
    }

    Tables tables() {
        return tables;
    }

    /** Scores a query; the lengths of the vectors must be this calibration's. */
    Observation observe(float[] input, float[] features, float[] outputs) {
        requireLength("input", input.length, shape.input);
        requireLength("penultimate tensor", features.length, shape.features);
        requireLength("answer", outputs.length, shape.classes);
        return Observation.of(input, features, outputs, subspace, whitening, inputs);
    }

    private static void requireLength(String what, int actual, int expected) {
        if (actual != expected) {
            throw new IllegalArgumentException(
                    what + ": expected " + expected + " values, got " + actual);
        }
    }
}

package dev.strongroom.serving.guard.detect;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the format that {@link CalibrationWriter} describes; every count is held against the bytes
 * left.
 */
final class CalibrationReader {
    private static final int MAX_INPUT_SIZE = 1 << 26;

    private final ByteBuffer bytes;

    CalibrationReader(ByteBuffer bytes) {
        this.bytes = bytes.slice();
    }

    Calibration read() throws CalibrationFormatException {
        magic();
        int inputSize = count("input size", 1, MAX_INPUT_SIZE);
        int featureSize = count("feature size", 1, MAX_INPUT_SIZE);
        int classes = count("classes", 2, Calibration.MAX_CLASSES);
        Subspace subspace = subspace(Folding.length(inputSize, Calibration.MAX_INPUT));
        Whitening whitening = whitening(featureSize, classes);
        Whitening inputs = whitening(inputSize, classes);
        float[] links = floats("link ratios", classes);
        References references = references(classes, subspace.rank());
        List<List<ScoreTable>> tables = new ArrayList<>();
        for (int kind = 0; kind < Tables.KINDS; kind++) {
            tables.add(tables(kind, classes));
        }
        if (bytes.hasRemaining()) {
            throw new CalibrationFormatException(
                    "calibration: " + bytes.remaining() + " bytes after its end");
        }
        return new Calibration(
                new Calibration.Shape(inputSize, featureSize, classes),
                links,
                subspace,
                whitening,
                inputs,
                references,
                new Tables(tables));
    }

    private void magic() throws CalibrationFormatException {
        need("magic", CalibrationWriter.MAGIC.length);
        for (byte expected : CalibrationWriter.MAGIC) {
            if (bytes.get() != expected) {
                throw new CalibrationFormatException(
                        "calibration: expected format 1 of a calibration");
            }
        }
    }

    private Subspace subspace(int size) throws CalibrationFormatException {
        exactly("folded input", size);
        int rank = count("directions", 1, Math.min(size, Calibration.MAX_RANK));
        return new Subspace(
                floats("mean", size), floats("directions", size * rank), floats("scales", rank));
    }

    private Whitening whitening(int unfolded, int classes) throws CalibrationFormatException {
        int size = Folding.length(unfolded, Calibration.MAX_WHITENED);
        exactly("folded vector", size);
        return new Whitening(
                size, floats("factor", size * size), floats("class means", classes * size));
    }

    private References references(int classes, int rank) throws CalibrationFormatException {
        var places = new float[classes][];
        for (int at = 0; at < classes; at++) {
            int count = count("references", 0, Calibration.MAX_RING);
            places[at] = floats("references", count * rank);
        }
        return new References(places, rank);
    }

    private List<ScoreTable> tables(int kind, int classes) throws CalibrationFormatException {
        List<ScoreTable> tables = new ArrayList<>();
        for (int at = 0; at <= classes; at++) {
            String what = "scores of kind " + kind;
            float[] ascending = floats(what, count(what, 0, bytes.remaining() / Float.BYTES));
            for (int next = 1; next < ascending.length; next++) {
                if (ascending[next] < ascending[next - 1]) {
                    throw new CalibrationFormatException(what + ": not ascending");
                }
            }
            tables.add(new ScoreTable(ascending));
        }
        return List.copyOf(tables);
    }

    private void exactly(String what, int expected) throws CalibrationFormatException {
        if (count(what, 0, Integer.MAX_VALUE) != expected) {
            throw new CalibrationFormatException(what + ": expected " + expected);
        }
    }

    private int count(String what, int least, int most) throws CalibrationFormatException {
        need(what, Integer.BYTES);
        int value = bytes.getInt();
        if (value < least || value > most) {
            throw new CalibrationFormatException(
                    what + ": expected " + least + " to " + most + ", got " + value);
        }
        return value;
    }

    private float[] floats(String what, int count) throws CalibrationFormatException {
        need(what, (long) count * Float.BYTES);
        var values = new float[count];
        for (int at = 0; at < count; at++) {
            values[at] = bytes.getFloat();
            if (!Float.isFinite(values[at])) {
                throw new CalibrationFormatException(what + ": value " + at + " is not finite");
            }
        }
        return values;
    }

    private void need(String what, long count) throws CalibrationFormatException {
        if (bytes.remaining() < count) {
            throw new CalibrationFormatException(
                    what + ": expected " + count + " bytes, got " + bytes.remaining());
        }
    }
}

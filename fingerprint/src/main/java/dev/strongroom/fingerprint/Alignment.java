package dev.strongroom.fingerprint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Undoes what leaves a network's answers as they are and hides a mark: hidden units in another
 * order, and a unit's incoming weights scaled up while the outgoing ones are scaled down
 * (Hecht-Nielsen, 1990). Works along a chain of matrices, each one's columns being the next one's
 * rows; what does not fit the chain stays as it is. No key is used, so no p-value depends on it.
 */
public final class Alignment {
    private static final double SAME = 0.98; // cosine at which a unit is taken for itself
    private static final double MOSTLY =
            0.9; // share of units that are themselves: leave the matrix
    private static final double SCALE_SLACK = 0.02; // a scale this close to 1 is noise

    private Alignment() {}

    /**
     * A suspect's units in the original's order: unit {@code j} is {@code from[j]} over {@code
     * scale[j]}.
     */
    private record Units(int[] from, float[] scale) {
        static Units same(int count) {
            int[] from = new int[count];
            Arrays.setAll(from, i -> i);
            float[] scale = new float[count];
            Arrays.fill(scale, 1);
            return new Units(from, scale);
        }
    }

    /**
     * Aligns a suspect's matrices with the original's.
     *
     * @param original in the order of the graph
     * @param suspect of the same shapes, in the same order
     * @return the suspect's, in the original's order of units and scale
     */
    public static List<Matrix> align(List<Matrix> original, List<Matrix> suspect) {
        List<Matrix> straight = chain(original, suspect);
        List<Matrix> turned =
                transpose(chain(transpose(original), transpose(suspect))); // rows are units
        return likeness(original, turned) > likeness(original, straight) ? turned : straight;
    }

    private static List<Matrix> chain(List<Matrix> original, List<Matrix> suspect) {
        var aligned = new ArrayList<Matrix>();
        Units before = Units.same(0);
        for (int i = 0; i < original.size(); i++) {
            Matrix mine = original.get(i);
            Matrix rows = suspect.get(i);
            if (before.from.length == mine.rows()) {
                rows = closer(mine, rows, withRows(rows, before));
            }
            Units units = Matching.of(mine, rows).units();
            aligned.add(withColumns(rows, units));
            before = units;
        }
        return aligned;
    }

    private static Matrix closer(Matrix original, Matrix one, Matrix other) {
        return Matching.of(original, other).likeness() > Matching.of(original, one).likeness()
                ? other
                : one;
    }

    /**
     * A unit's incoming weights were scaled up, so its outgoing ones, a row here, are scaled down.
     */
    private static Matrix withRows(Matrix matrix, Units units) {
        float[] values = new float[matrix.values().length];
        int columns = matrix.columns();
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < columns; column++) {
                values[row * columns + column] =
                        matrix.at(units.from[row], column) * units.scale[row];
            }
        }
        return new Matrix(matrix.name(), matrix.rows(), columns, values);
    }

    private static Matrix withColumns(Matrix matrix, Units units) {
        float[] values = new float[matrix.values().length];
        int columns = matrix.columns();
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < columns; column++) {
                values[row * columns + column] =
                        matrix.at(row, units.from[column]) / units.scale[column];
            }
        }
        return new Matrix(matrix.name(), matrix.rows(), columns, values);
    }

    private static List<Matrix> transpose(List<Matrix> matrices) {
        return matrices.stream().map(Matrix::transposed).toList();
    }

    private static double likeness(List<Matrix> original, List<Matrix> aligned) {
        double sum = 0;
        for (int i = 0; i < original.size(); i++) {
            float[] mine = original.get(i).values();
            sum += cosine(mine, aligned.get(i).values()) * mine.length;
        }
        return sum;
    }

    private static double cosine(float[] one, float[] other) {
        double product = 0;
        double ones = 0;
        double others = 0;
        for (int i = 0; i < one.length; i++) {
            product += (double) one[i] * other[i];
            ones += (double) one[i] * one[i];
            others += (double) other[i] * other[i];
        }
        return ones == 0 || others == 0 ? 0 : product / Math.sqrt(ones * others);
    }

    /**
     * Which column of a suspect is which of the original.
     *
     * @param likeness mean cosine of the pairs
     */
    private record Matching(Units units, double likeness) {
        static Matching of(Matrix original, Matrix suspect) {
            var mine = Sketch.of(original);
            var theirs = Sketch.of(suspect);
            int columns = original.columns();
            int same = 0;
            for (int column = 0; column < columns; column++) {
                if (mine.cosine(column, theirs, column) > SAME) {
                    same++;
                }
            }
            int[] from =
                    same >= MOSTLY * columns
                            ? Units.same(columns).from
                            : Assignment.greedy(mine, theirs, columns);
            return scaled(original, suspect, from);
        }

        private static Matching scaled(Matrix original, Matrix suspect, int[] from) {
            float[] scale = new float[from.length];
            double likeness = 0;
            for (int column = 0; column < from.length; column++) {
                double product = 0;
                double mine = 0;
                double theirs = 0;
                double kept = 0; // pruned weights say nothing of the scale
                for (int row = 0; row < original.rows(); row++) {
                    double w = original.at(row, column);
                    double s = suspect.at(row, from[column]);
                    product += w * s;
                    mine += w * w;
                    theirs += s * s;
                    kept += s == 0 ? 0 : w * w;
                }
                likeness += mine == 0 || theirs == 0 ? 0 : product / Math.sqrt(mine * theirs);
                double factor = kept == 0 ? 1 : product / kept;
                boolean noise = factor <= 0 || Math.abs(factor - 1) < SCALE_SLACK;
                scale[column] = noise ? 1 : (float) factor;
            }
            return new Matching(new Units(from, scale), likeness / Math.max(1, from.length));
        }
    }
}

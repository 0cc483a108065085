package dev.strongroom.redteam;

import java.util.List;

/**
 * Squared Mahalanobis distance of a clone's hidden layer to the mean of the class that it predicts,
 * with the covariance that all classes share.
 */
final class FeatureDistance {
    private static final double RIDGE = 1e-3; // of the mean variance

    private final Mlp clone;
    private final float[][] means;
    private final double[][] precision;

    private FeatureDistance(Mlp clone, float[][] means, double[][] precision) {
        this.clone = clone;
        this.means = means;
        this.precision = precision;
    }

    static FeatureDistance learn(Mlp clone, List<float[]> rows) {
        float[][] means = means(clone, rows);
        var covariance = new double[clone.hidden][clone.hidden];
        double trace = 0;
        for (float[] row : rows) {
            float[] off = offset(clone, means, row);
            for (int at = 0; at < off.length; at++) {
                trace += off[at] * off[at];
                for (int other = 0; other < off.length; other++) {
                    covariance[at][other] += off[at] * off[other];
                }
            }
        }
        for (int at = 0; at < clone.hidden; at++) {
            covariance[at][at] += RIDGE * trace / clone.hidden + 1e-9;
        }
        return new FeatureDistance(clone, means, inverse(covariance, rows.size()));
    }

    double of(float[] row) {
        float[] off = offset(clone, means, row);
        float[] weighted = weighted(off);
        double sum = 0;
        for (int at = 0; at < off.length; at++) {
            sum += off[at] * weighted[at];
        }
        return sum;
    }

    /** How it changes with each input, half of it. */
    float[] gradient(float[] row) {
        return clone.inputGradient(row, weighted(offset(clone, means, row)));
    }

    double median(List<float[]> rows) {
        double[] distances = rows.stream().mapToDouble(this::of).sorted().toArray();
        return distances[distances.length / 2];
    }

    private float[] weighted(float[] off) {
        var weighted = new float[off.length];
        for (int at = 0; at < off.length; at++) {
            double sum = 0;
            for (int other = 0; other < off.length; other++) {
                sum += precision[at][other] * off[other];
            }
            weighted[at] = (float) sum;
        }
        return weighted;
    }

    private static float[] offset(Mlp clone, float[][] means, float[] row) {
        float[] off = clone.hiddenOf(row);
        float[] mean = means[clone.label(row)];
        for (int at = 0; at < off.length; at++) {
            off[at] -= mean[at];
        }
        return off;
    }

    private static float[][] means(Mlp clone, List<float[]> rows) {
        var sums = new float[clone.outputs][clone.hidden];
        var counts = new int[clone.outputs];
        for (float[] row : rows) {
            int label = clone.label(row);
            float[] hidden = clone.hiddenOf(row);
            counts[label]++;
            for (int at = 0; at < hidden.length; at++) {
                sums[label][at] += hidden[at];
            }
        }
        for (int label = 0; label < clone.outputs; label++) {
            for (int at = 0; at < clone.hidden; at++) {
                sums[label][at] /= Math.max(1, counts[label]);
            }
        }
        return sums;
    }

    /** Of a positive definite matrix over {@code count}, by Gauss and Jordan. */
    private static double[][] inverse(double[][] matrix, int count) {
        int size = matrix.length;
        var inverse = new double[size][size];
        for (int at = 0; at < size; at++) {
            inverse[at][at] = count;
        }
        for (int pivot = 0; pivot < size; pivot++) {
            double scale = 1 / matrix[pivot][pivot];
            for (int column = 0; column < size; column++) {
                matrix[pivot][column] *= scale;
                inverse[pivot][column] *= scale;
            }
            for (int row = 0; row < size; row++) {
                double factor = row == pivot ? 0 : matrix[row][pivot];
                for (int column = 0; column < size && factor != 0; column++) {
                    matrix[row][column] -= factor * matrix[pivot][column];
                    inverse[row][column] -= factor * inverse[pivot][column];
                }
            }
        }
        return inverse;
    }
}

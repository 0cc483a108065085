package dev.strongroom.serving.guard.detect;

import java.util.ArrayList;
import java.util.List;

/** Learns class means and the covariance that classes share, and inverts its Cholesky factor. */
final class WhiteningFit {
    private record Sample(float[] features, int predicted) {}

    private final int size;
    private final int classes;
    private final double ridge;
    private final List<Sample> samples = new ArrayList<>();

    /**
     * @param ridge added to each variance, as a share of their mean: what varies less than this is
     *     not learnt
     */
    WhiteningFit(int size, int classes, double ridge) {
        this.size = size;
        this.classes = classes;
        this.ridge = ridge;
    }

    void add(float[] features, int predicted) {
        samples.add(new Sample(features, predicted));
    }

    Whitening finish() {
        double[][] means = means();
        double[][] inverse = invertLower(cholesky(covariance(means)));
        var factor = new float[size * size];
        for (int row = 0; row < size; row++) {
            for (int column = 0; column <= row; column++) {
                factor[column * size + row] = (float) inverse[row][column];
            }
        }
        return new Whitening(size, factor, whitenedMeans(means, inverse));
    }

    /** A class that no sample was predicted to be has the mean of all. */
    private double[][] means() {
        var means = new double[classes][size];
        var all = new double[size];
        var counts = new int[classes];
        for (Sample sample : samples) {
            counts[sample.predicted]++;
            for (int at = 0; at < size; at++) {
                means[sample.predicted][at] += sample.features[at];
                all[at] += sample.features[at];
            }
        }
        for (int predicted = 0; predicted < classes; predicted++) {
            boolean known = counts[predicted] > 0;
            for (int at = 0; at < size; at++) {
                means[predicted][at] =
                        known ? means[predicted][at] / counts[predicted] : all[at] / samples.size();
            }
        }
        return means;
    }

    private double[][] covariance(double[][] means) {
        var covariance = new double[size][size];
        for (Sample sample : samples) {
            double[] mean = means[sample.predicted];
            for (int row = 0; row < size; row++) {
                double scale = (sample.features[row] - mean[row]) / samples.size();
                for (int column = 0; column <= row; column++) {
                    covariance[row][column] += scale * (sample.features[column] - mean[column]);
                }
            }
        }
        double trace = 0;
        for (int at = 0; at < size; at++) {
            trace += covariance[at][at];
        }
        for (int at = 0; at < size; at++) {
            covariance[at][at] += ridge * trace / size + 1e-9;
        }
        return covariance;
    }

    private double[][] cholesky(double[][] matrix) {
        var lower = new double[size][size];
        for (int row = 0; row < size; row++) {
            for (int column = 0; column <= row; column++) {
                double sum = matrix[row][column];
                for (int k = 0; k < column; k++) {
                    sum -= lower[row][k] * lower[column][k];
                }
                lower[row][column] =
                        row == column
                                ? Math.sqrt(Math.max(sum, 1e-12))
                                : sum / lower[column][column];
            }
        }
        return lower;
    }

    private double[][] invertLower(double[][] lower) {
        var inverse = new double[size][size];
        for (int column = 0; column < size; column++) {
            for (int row = column; row < size; row++) {
                double sum = row == column ? 1 : 0;
                for (int k = column; k < row; k++) {
                    sum -= lower[row][k] * inverse[k][column];
                }
                inverse[row][column] = sum / lower[row][row];
            }
        }
        return inverse;
    }

    private float[] whitenedMeans(double[][] means, double[][] inverse) {
        var white = new float[classes * size];
        for (int predicted = 0; predicted < classes; predicted++) {
            for (int row = 0; row < size; row++) {
                double sum = 0;
                for (int k = 0; k <= row; k++) {
                    sum += inverse[row][k] * means[predicted][k];
                }
                white[predicted * size + row] = (float) sum;
            }
        }
        return white;
    }
}

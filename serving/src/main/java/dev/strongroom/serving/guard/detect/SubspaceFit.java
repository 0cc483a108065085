package dev.strongroom.serving.guard.detect;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Finds the principal directions of honest inputs by orthogonal iteration. */
final class SubspaceFit {
    private static final int RANK = 40;
    private static final int ITERATIONS = 30; // a rough basis serves: scores are relative to it
    private static final long START = 40;

    private SubspaceFit() {}

    static Subspace fit(List<float[]> inputs, int size) {
        float[] mean = mean(inputs, size);
        float[] covariance = covariance(inputs, mean, size);
        int rank = Math.min(RANK, Math.max(1, size / 2));
        float[] basis = start(size, rank);
        for (int iteration = 0; iteration < ITERATIONS; iteration++) {
            basis = multiply(covariance, basis, size, rank);
            orthonormalise(basis, size, rank);
        }
        return new Subspace(mean, basis, scales(inputs, mean, basis, rank));
    }

    /**
     * Roots of deviations: half way between raw coordinates and whitened scales, because a step
     * along a gradient hides from the former and one across the honest directions from the latter.
     * A direction without variance has scale one.
     */
    private static float[] scales(List<float[]> inputs, float[] mean, float[] basis, int rank) {
        var scales = new float[rank];
        Arrays.fill(scales, 1);
        var unscaled = new Subspace(mean, basis, scales);
        var squares = new double[rank];
        for (float[] input : inputs) {
            float[] coordinates = unscaled.coordinates(input);
            for (int k = 0; k < rank; k++) {
                squares[k] += (double) coordinates[k] * coordinates[k] / inputs.size();
            }
        }
        for (int k = 0; k < rank; k++) {
            scales[k] = squares[k] < 1e-9 ? 1 : (float) Math.sqrt(Math.sqrt(squares[k]));
        }
        return scales;
    }

    private static float[] mean(List<float[]> inputs, int size) {
        var mean = new double[size];
        for (float[] input : inputs) {
            for (int at = 0; at < size; at++) {
                mean[at] += input[at];
            }
        }
        var rounded = new float[size];
        for (int at = 0; at < size; at++) {
            rounded[at] = (float) (mean[at] / inputs.size());
        }
        return rounded;
    }

    private static float[] covariance(List<float[]> inputs, float[] mean, int size) {
        var covariance = new float[size * size];
        var centred = new float[size];
        float weight = 1f / inputs.size();
        for (float[] input : inputs) {
            for (int at = 0; at < size; at++) {
                centred[at] = input[at] - mean[at];
            }
            for (int row = 0; row < size; row++) {
                float scale = centred[row] * weight;
                int first = row * size;
                for (int column = 0; column < size; column++) {
                    covariance[first + column] += scale * centred[column];
                }
            }
        }
        return covariance;
    }

    private static float[] start(int size, int rank) {
        var random = new Random(START);
        var basis = new float[size * rank];
        for (int at = 0; at < basis.length; at++) {
            basis[at] = (float) random.nextGaussian();
        }
        return basis;
    }

    private static float[] multiply(float[] covariance, float[] basis, int size, int rank) {
        var product = new float[size * rank];
        for (int row = 0; row < size; row++) {
            for (int inner = 0; inner < size; inner++) {
                float scale = covariance[row * size + inner];
                for (int k = 0; k < rank; k++) {
                    product[row * rank + k] += scale * basis[inner * rank + k];
                }
            }
        }
        return product;
    }

    /** Gram-Schmidt over the columns; a column without length becomes zero and explains nothing. */
    private static void orthonormalise(float[] basis, int size, int rank) {
        for (int k = 0; k < rank; k++) {
            for (int before = 0; before < k; before++) {
                subtract(basis, size, rank, k, before);
            }
            double norm = Math.sqrt(dot(basis, size, rank, k, k));
            for (int row = 0; row < size; row++) {
                basis[row * rank + k] = norm < 1e-12 ? 0 : (float) (basis[row * rank + k] / norm);
            }
        }
    }

    private static void subtract(float[] basis, int size, int rank, int from, int direction) {
        float along = (float) dot(basis, size, rank, from, direction);
        for (int row = 0; row < size; row++) {
            basis[row * rank + from] -= along * basis[row * rank + direction];
        }
    }

    private static double dot(float[] basis, int size, int rank, int left, int right) {
        double sum = 0;
        for (int row = 0; row < size; row++) {
            sum += (double) basis[row * rank + left] * basis[row * rank + right];
        }
        return sum;
    }
}

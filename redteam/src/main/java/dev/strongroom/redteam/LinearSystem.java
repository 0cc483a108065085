package dev.strongroom.redteam;

import java.util.List;

/**
 * Solves a softmax regression from its probabilities (Tramèr et al. 2016): the log-odds against the
 * first class are linear in the input, so d + 1 exact answers give all weights.
 */
final class LinearSystem {
    private static final double RIDGE = 1e-9;

    /** What stands for a probability that was rounded away: little for floats, much for digits. */
    static final List<Double> LEAST = List.of(1e-37, 1e-3);

    private LinearSystem() {}

    static Mlp solve(List<float[]> rows, List<float[]> replies, double least) {
        int inputs = rows.getFirst().length;
        int classes = replies.getFirst().length;
        int size = inputs + 1;
        var normal = new double[size][size];
        var right = new double[size][classes];
        for (int at = 0; at < rows.size(); at++) {
            accumulate(rows.get(at), replies.get(at), least, normal, right);
        }
        double[][] weights = cholesky(normal, right);
        var model = new Mlp(inputs, 0, classes, new java.util.Random(0));
        for (int at = 0; at < inputs; at++) {
            for (int of = 0; of < classes; of++) {
                model.second[at * classes + of] = (float) weights[at][of];
            }
        }
        for (int of = 0; of < classes; of++) {
            model.secondBias[of] = (float) weights[inputs][of];
        }
        return model;
    }

    private static void accumulate(
            float[] row, float[] reply, double least, double[][] normal, double[][] right) {
        int inputs = row.length;
        double base = Math.log(Math.max(reply[0], least));
        for (int at = 0; at <= inputs; at++) {
            double value = at == inputs ? 1 : row[at];
            for (int other = 0; other <= at; other++) {
                normal[at][other] += value * (other == inputs ? 1 : row[other]);
            }
            for (int of = 0; of < reply.length; of++) {
                right[at][of] += value * (Math.log(Math.max(reply[of], least)) - base);
            }
        }
    }

    private static double[][] cholesky(double[][] matrix, double[][] right) {
        int size = matrix.length;
        for (int row = 0; row < size; row++) {
            for (int column = 0; column <= row; column++) {
                double sum = matrix[row][column] + (row == column ? RIDGE : 0);
                for (int k = 0; k < column; k++) {
                    sum -= matrix[row][k] * matrix[column][k];
                }
                matrix[row][column] =
                        row == column
                                ? Math.sqrt(Math.max(sum, RIDGE))
                                : sum / matrix[column][column];
            }
        }
        for (int of = 0; of < right[0].length; of++) {
            substitute(matrix, right, of);
        }
        return right;
    }

    private static void substitute(double[][] lower, double[][] values, int of) {
        int size = lower.length;
        for (int row = 0; row < size; row++) {
            for (int k = 0; k < row; k++) {
                values[row][of] -= lower[row][k] * values[k][of];
            }
            values[row][of] /= lower[row][row];
        }
        for (int row = size - 1; row >= 0; row--) {
            for (int k = row + 1; k < size; k++) {
                values[row][of] -= lower[k][row] * values[k][of];
            }
            values[row][of] /= lower[row][row];
        }
    }
}

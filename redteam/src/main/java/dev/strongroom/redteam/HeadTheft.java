package dev.strongroom.redteam;

import dev.strongroom.serving.guard.leak.RankMeter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Steals the projection layer of a synthetic language model from full logit vectors (Carlini et al.
 * 2024): they lie in a space of as many dimensions as the hidden state has.
 *
 * @param directionsOff that were stolen without the rank meter
 * @param errorOff the head's share, in length, that they do not explain
 */
record HeadTheft(int directionsOff, int directionsOn, double errorOff, double errorOn) {
    private static final int VOCABULARY = 2000;
    private static final int HIDDEN = 64;
    private static final int QUERIES = 256;
    private static final double TOLERANCE = 1e-3;

    static HeadTheft measure(long seed) {
        var random = new Random(seed);
        float[][] head = gaussian(VOCABULARY, HIDDEN, random);
        var meter = new RankMeter(HIDDEN / 4, TOLERANCE);
        List<float[]> all = new ArrayList<>();
        List<float[]> metered = new ArrayList<>();
        for (int query = 0; query < QUERIES; query++) {
            float[] logits = logits(head, gaussian(1, HIDDEN, random)[0]);
            all.add(logits);
            if (!meter.exhausted()) {
                metered.add(logits);
                meter.add(logits);
            }
        }
        List<double[]> stolen = basis(all);
        List<double[]> allowed = basis(metered);
        return new HeadTheft(
                stolen.size(), allowed.size(), missed(head, stolen), missed(head, allowed));
    }

    Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("vocabulary", VOCABULARY);
        map.put("hidden", HIDDEN);
        map.put("queries", QUERIES);
        map.put("directionsOff", directionsOff);
        map.put("directionsOn", directionsOn);
        map.put("subspaceErrorOff", errorOff);
        map.put("subspaceErrorOn", errorOn);
        return map;
    }

    /** The share of the head's columns, in length, that the stolen directions do not explain. */
    private static double missed(float[][] head, List<double[]> basis) {
        double left = 0;
        double whole = 0;
        for (int column = 0; column < HIDDEN; column++) {
            var vector = new double[VOCABULARY];
            for (int row = 0; row < VOCABULARY; row++) {
                vector[row] = head[row][column];
            }
            whole += square(vector);
            basis.forEach(direction -> remove(vector, direction));
            left += square(vector);
        }
        return Math.sqrt(left / whole);
    }

    private static List<double[]> basis(List<float[]> vectors) {
        List<double[]> basis = new ArrayList<>();
        for (float[] stolen : vectors) {
            var vector = new double[stolen.length];
            for (int at = 0; at < vector.length; at++) {
                vector[at] = stolen[at];
            }
            double before = square(vector);
            basis.forEach(direction -> remove(vector, direction));
            basis.forEach(direction -> remove(vector, direction));
            double left = square(vector);
            if (left > TOLERANCE * TOLERANCE * before) {
                double length = Math.sqrt(left);
                for (int at = 0; at < vector.length; at++) {
                    vector[at] /= length;
                }
                basis.add(vector);
            }
        }
        return basis;
    }

    private static void remove(double[] vector, double[] direction) {
        double along = 0;
        for (int at = 0; at < vector.length; at++) {
            along += vector[at] * direction[at];
        }
        for (int at = 0; at < vector.length; at++) {
            vector[at] -= along * direction[at];
        }
    }

    private static double square(double[] vector) {
        double sum = 0;
        for (double value : vector) {
            sum += value * value;
        }
        return sum;
    }

    private static float[] logits(float[][] head, float[] state) {
        var logits = new float[head.length];
        for (int row = 0; row < head.length; row++) {
            for (int at = 0; at < state.length; at++) {
                logits[row] += head[row][at] * state[at];
            }
        }
        return logits;
    }

    private static float[][] gaussian(int rows, int columns, Random random) {
        var values = new float[rows][columns];
        for (float[] row : values) {
            for (int at = 0; at < columns; at++) {
                row[at] = (float) random.nextGaussian();
            }
        }
        return values;
    }
}

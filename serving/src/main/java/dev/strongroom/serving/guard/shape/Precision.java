package dev.strongroom.serving.guard.shape;

import java.util.Arrays;

/**
 * Takes digits, classes and confidence out of one row. Where that makes another class as good as
 * the best one, {@link Lead} puts it right.
 */
final class Precision {
    /** Lower ends of the bands of confidence. */
    private static final double[] BANDS = {0.25, 0.5, 0.75, 0.9};

    private static final double LEAST_BAND = 0.125;

    private Precision() {}

    /** The first of the greatest numbers; -1 if the row has no number. */
    static int best(double[] row) {
        int best = -1;
        for (int i = 0; i < row.length; i++) {
            if (!Double.isNaN(row[i]) && (best < 0 || row[i] > row[best])) {
                best = i;
            }
        }
        return best;
    }

    /** Rounds to multiples of the unit. */
    static void round(double[] row, double unit) {
        for (int i = 0; i < row.length; i++) {
            if (Double.isFinite(row[i])) {
                row[i] = Math.rint(row[i] / unit) * unit;
            }
        }
    }

    /** Keeps the {@code k} best, the earlier of equals first; the others become {@code hidden}. */
    static void keepBest(double[] row, int k, double hidden) {
        if (k >= row.length) {
            return;
        }
        int[] kept = new int[k];
        int count = 0;
        for (int i = 0; i < row.length; i++) {
            int place = count;
            while (place > 0 && row[i] > row[kept[place - 1]]) {
                place--;
            }
            if (place < k) {
                int from = Math.min(count, k - 1);
                System.arraycopy(kept, place, kept, place + 1, from - place);
                kept[place] = i;
                count = Math.min(count + 1, k);
            }
        }
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = row[kept[i]];
        }
        Arrays.fill(row, hidden);
        for (int i = 0; i < count; i++) {
            row[kept[i]] = values[i];
        }
    }

    /** Only the best class, with the lower end of its confidence's band. */
    static void band(double[] row, int best) {
        double confidence = best < 0 ? 0 : row[best];
        double band = LEAST_BAND;
        for (double end : BANDS) {
            band = confidence >= end ? end : band;
        }
        only(row, best, band);
    }

    /** Only one class. */
    static void only(double[] row, int best, double value) {
        Arrays.fill(row, 0);
        if (best >= 0) {
            row[best] = value;
        }
    }

    static void softmax(double[] row) {
        int best = best(row);
        if (best < 0) {
            return;
        }
        double top = row[best];
        double sum = 0;
        for (int i = 0; i < row.length; i++) {
            row[i] = row[i] == top ? 1 : Double.isNaN(row[i]) ? 0 : Math.exp(row[i] - top);
            sum += row[i];
        }
        for (int i = 0; i < row.length; i++) {
            row[i] /= sum;
        }
    }

    static void log(double[] row) {
        for (int i = 0; i < row.length; i++) {
            row[i] = Math.log(row[i]);
        }
    }

    static void exp(double[] row) {
        for (int i = 0; i < row.length; i++) {
            row[i] = Math.exp(row[i]);
        }
    }

    /** The power of ten that the greatest absolute number reaches; 1 for a row of zeros. */
    static double scale(double[] row) {
        double most = 0;
        for (double value : row) {
            most = Double.isFinite(value) ? Math.max(most, Math.abs(value)) : most;
        }
        return most == 0 ? 1 : Math.pow(10, Math.ceil(Math.log10(most)));
    }
}

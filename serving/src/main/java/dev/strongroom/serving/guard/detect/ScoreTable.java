package dev.strongroom.serving.guard.detect;

import java.util.Arrays;

/**
 * Scores of honest queries that were predicted to be of one class, ascending. Turns the score of a
 * new query into a p-value: the share of honest queries at least as strange.
 *
 * <p>Immutable and thread-safe.
 */
final class ScoreTable {
    private final float[] ascending;

    ScoreTable(float[] ascending) {
        this.ascending = ascending;
    }

    int size() {
        return ascending.length;
    }

    float[] ascending() {
        return ascending;
    }

    /**
     * The smoothed conformal p-value: uniform for a query exchangeable with the table's.
     *
     * @param score higher is stranger
     * @param tie uniform in (0, 1), decides among equal scores
     */
    double p(float score, double tie) {
        int notAbove = firstAbove(score);
        int equal = notAbove - firstAtLeast(score);
        int above = ascending.length - notAbove;
        return (above + tie * (equal + 1)) / (ascending.length + 1);
    }

    /** The share of honest scores above this one, never zero. */
    double rank(float score) {
        return (ascending.length - firstAbove(score) + 1.0) / (ascending.length + 1);
    }

    private int firstAtLeast(float score) {
        int at = Arrays.binarySearch(ascending, score);
        if (at < 0) {
            return -at - 1;
        }
        return bound(score, 0, at, false);
    }

    private int firstAbove(float score) {
        int at = Arrays.binarySearch(ascending, score);
        if (at < 0) {
            return -at - 1;
        }
        return bound(score, at, ascending.length, true);
    }

    /** Ties are long for confidences that saturate, so they are not walked. */
    private int bound(float score, int from, int to, boolean above) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ascending[middle] < score || (above && ascending[middle] == score)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}

package dev.strongroom.serving.guard.shape;

/**
 * Remembers which class of a row is best, so that it stays so: the first of equals, and nothing
 * that was less becomes as good.
 */
final class Lead {
    private final int best;
    private final boolean[] equals;

    private Lead(int best, boolean[] equals) {
        this.best = best;
        this.equals = equals;
    }

    static Lead of(double[] row) {
        int best = Precision.best(row);
        var equals = new boolean[row.length];
        for (int i = 0; i < row.length; i++) {
            equals[i] = best >= 0 && row[i] == row[best];
        }
        return new Lead(best, equals);
    }

    /** The first of the greatest; -1 if the row has no number. */
    int best() {
        return best;
    }

    /**
     * Lifts the best where another one caught up.
     *
     * @param step how far above the other one, at least
     */
    void restore(double[] row, double step) {
        if (best < 0) {
            return;
        }
        double rival = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < row.length; i++) {
            rival = equals[i] || Double.isNaN(row[i]) ? rival : Math.max(rival, row[i]);
        }
        if (row[best] - rival >= step || Double.isInfinite(rival)) {
            return;
        }
        double lifted = rival + step;
        for (int i = 0; i < row.length; i++) {
            // of equals that were hidden, only the best one is lifted
            row[i] = i == best || (equals[i] && row[i] == row[best]) ? lifted : row[i];
        }
        row[best] = lifted;
    }
}

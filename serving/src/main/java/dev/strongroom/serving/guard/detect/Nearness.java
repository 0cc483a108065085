package dev.strongroom.serving.guard.detect;

/**
 * How near a query is to an earlier one, as a share of its distance to the nearest reference: where
 * honest queries lie close together, being close is no sign of anything.
 *
 * <p>It depends on among how many earlier queries the nearest was sought: the fewer, the farther it
 * is by chance, so each count has a table of its own. A count between two levels takes the larger
 * one's, whose distances are smaller and accuse less.
 */
final class Nearness {
    /** Counts for which there are tables; the last is the size of a ring. */
    static final int[] LEVELS = {1, 3, 10, 40, Calibration.MAX_RING};

    private static final float LEAST_ISOLATION = 1e-12f; // a copy of a reference

    private Nearness() {}

    /** Of squared distances; {@code single} are the query's own scores. */
    static float ratio(float distance, float[] single) {
        return distance / Math.max(single[Score.ISOLATION.at()], LEAST_ISOLATION);
    }

    static int level(int count) {
        int level = 0;
        while (LEVELS[level] < count) {
            level++;
        }
        return level;
    }
}

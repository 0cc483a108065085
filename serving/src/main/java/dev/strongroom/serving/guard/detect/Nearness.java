package dev.strongroom.serving.guard.detect;

/**
 * Among how many earlier queries the nearest was sought: the fewer, the farther it is by chance, so
 * each count has a table of its own. A count between two levels takes the larger one's, whose
 * distances are smaller and accuse less.
 */
final class Nearness {
    /** Counts for which there are tables; the last is the size of a ring. */
    static final int[] LEVELS = {1, 3, 10, 40, Calibration.MAX_RING};

    private Nearness() {}

    static int level(int count) {
        int level = 0;
        while (LEVELS[level] < count) {
            level++;
        }
        return level;
    }
}

package dev.strongroom.serving.infer;

import java.time.Duration;

/**
 * How long a model's single requests run and are guarded, by their size. A size that was not seen
 * often enough is not known to be quick, and one slow run makes its size unknown for a while.
 *
 * <p>Thread-safe.
 */
final class RunTimes {
    /** A hand-over to another thread costs more than this, and others wait behind it. */
    private static final long QUICK_NANOS = Duration.ofNanos(100_000).toNanos();

    private static final int ENOUGH = 32; // runs, so that what is measured is compiled
    private static final int AFTER_SLOW = -1000; // runs
    private static final double NEW = 0.1; // weight of the newest

    private final int[] seen = new int[Long.SIZE + 1];
    private final double[] nanos = new double[Long.SIZE + 1];
    private final double[] guarded = new double[Long.SIZE + 1];

    /**
     * @param bytes of the inputs
     */
    synchronized boolean quick(long bytes) {
        int size = size(bytes);
        return seen[size] >= ENOUGH && nanos[size] + guarded[size] < QUICK_NANOS;
    }

    synchronized void add(long bytes, long runNanos) {
        int size = size(bytes);
        if (runNanos > 100 * QUICK_NANOS) {
            seen[size] = AFTER_SLOW;
        } else if (seen[size] < ENOUGH) {
            seen[size]++;
        }
        nanos[size] = averaged(nanos[size], runNanos);
    }

    /** What the guard took for an answer to so many bytes. */
    synchronized void guarded(long bytes, long guardNanos) {
        int size = size(bytes);
        guarded[size] = averaged(guarded[size], guardNanos);
    }

    private static double averaged(double before, long newest) {
        return before == 0 ? newest : before + NEW * (newest - before);
    }

    /** A run of this size took longer than it may at once. */
    synchronized void slow(long bytes) {
        seen[size(bytes)] = AFTER_SLOW;
    }

    private static int size(long bytes) {
        return Long.SIZE - Long.numberOfLeadingZeros(bytes);
    }
}

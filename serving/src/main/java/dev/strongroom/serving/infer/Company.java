package dev.strongroom.serving.infer;

import java.time.Duration;

/**
 * Whether a worker does well to wait a moment before it runs what has come. Callers who ask again
 * as soon as they are answered come back together: a worker that takes the first of them runs one
 * row alone, and the others wait for that. So it waits while fewer jobs are under way than there
 * were at once lately, never longer than a small part of a run, and expects nobody whom it has
 * waited for in vain.
 *
 * <p>Not thread-safe.
 */
final class Company {
    private static final int PART_OF_RUN = 16;

    /** A thread that waits comes back this late anyway. */
    private static final long LEAST_NANOS = Duration.ofNanos(100_000).toNanos();

    private int usual; // jobs under way at once, lately

    /** That so many wait or run now. */
    void underWay(int jobs) {
        usual = Math.max(usual, jobs);
    }

    boolean expectsMore(int underWay) {
        return underWay < usual;
    }

    /**
     * Nanoseconds to wait for more; zero where nobody is expected, or would be worth it.
     *
     * @param run of as many as may run at once
     */
    long patience(int underWay, Duration run) {
        long most = run.toNanos() / PART_OF_RUN;
        return expectsMore(underWay) && most >= LEAST_NANOS ? most : 0;
    }

    /** That a worker has waited and no more than so many were under way. */
    void inVain(int underWay) {
        usual = underWay;
    }
}

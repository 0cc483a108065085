package dev.strongroom.serving.infer;

import java.time.Duration;

/**
 * Whether a worker does well to wait a moment before it runs what has come for a model. Callers who
 * ask again as soon as they are answered come back together: a worker that takes the first of them
 * runs one row alone, and the others wait for that. So it waits while fewer jobs are under way than
 * there were at once lately, never longer than a small part of one of the model's runs, and expects
 * nobody whom it has waited for in vain. Where there is a worker for each of them they would not
 * run together, and nobody waits.
 *
 * <p>Not thread-safe.
 */
final class Company {
    private static final int PART_OF_RUN = 16;
    private static final long MOST_NANOS = Duration.ofMillis(5).toNanos();

    /** A thread that waits comes back this late anyway. */
    private static final long LEAST_NANOS = Duration.ofNanos(100_000).toNanos();

    private final ServiceTime runs = new ServiceTime();
    private int underWay; // jobs that wait or run
    private int usual; // as many at once, lately

    /** A job has come. */
    void came() {
        underWay++;
        usual = Math.max(usual, underWay);
    }

    /** Some have run together. */
    void ran(int jobs, long nanos) {
        underWay -= jobs;
        runs.add(nanos, 1);
    }

    /**
     * Somebody is not there who was lately, and would find no worker of his own.
     *
     * @param waiting jobs in line
     * @param workers that can take some of them now
     */
    boolean expectsMore(int waiting, int workers) {
        int missing = usual - underWay;
        return missing > 0 && waiting + missing > workers;
    }

    /**
     * Nanoseconds to wait for more; zero where nobody is expected, or would be worth it.
     *
     * @param waiting and
     * @param workers as in {@link #expectsMore}
     */
    long patience(int waiting, int workers) {
        long most = Math.min(runs.of(1).toNanos() / PART_OF_RUN, MOST_NANOS);
        return expectsMore(waiting, workers) && most >= LEAST_NANOS ? most : 0;
    }

    /** A worker has waited as long as that. */
    void inVain() {
        usual = underWay;
    }
}

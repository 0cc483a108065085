package dev.strongroom.serving.infer;

import java.time.Duration;

/** How long a job keeps a worker, as the last ones did. Not thread-safe. */
final class ServiceTime {
    private static final double NEW = 0.1; // weight of the newest

    private double nanosPerJob;

    void add(long nanos, int jobs) {
        double now = (double) nanos / jobs;
        nanosPerJob = nanosPerJob == 0 ? now : nanosPerJob + NEW * (now - nanosPerJob);
    }

    /** Of so many jobs, one after another. */
    Duration of(int jobs) {
        return Duration.ofNanos((long) (nanosPerJob * jobs));
    }
}

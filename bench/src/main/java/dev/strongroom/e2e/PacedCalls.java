package dev.strongroom.e2e;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls something so many times a second, on a thread of its own, and remembers how long each took.
 */
final class PacedCalls {
    /** Milliseconds of one call; one that fails ends all. */
    interface Timed {
        Duration call() throws Exception;
    }

    private final List<Double> millis = new ArrayList<>();

    private PacedCalls() {}

    /** Work that ends after {@code span}, with fewer calls where each takes longer than a turn. */
    static Callable<PacedCalls> of(Timed timed, int aSecond, Duration span) {
        return () -> {
            var calls = new PacedCalls();
            long begun = System.nanoTime();
            long end = begun + span.toNanos();
            long period = Duration.ofSeconds(1).toNanos() / aSecond;
            for (long at = begun; at < end && System.nanoTime() < end; at += period) {
                waitUntil(at);
                calls.millis.add(timed.call().toNanos() / 1e6);
            }
            return calls;
        };
    }

    private static void waitUntil(long at) {
        long left;
        while ((left = at - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
        }
    }

    int count() {
        return millis.size();
    }

    double quantile(double share) {
        List<Double> sorted = millis.stream().sorted().toList();
        return sorted.get((int) (sorted.size() * share));
    }
}

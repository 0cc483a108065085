package dev.strongroom.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Waits for what other threads and processes bring about in their own time. How long that takes on
 * a machine with other work to do, nobody can say: so tests wait here, and compare no times.
 */
public final class Eventually {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration BETWEEN = Duration.ofMillis(1); // two looks

    /** What is waited for. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    private Eventually() {}

    /**
     * Returns as soon as the condition holds.
     *
     * @throws AssertionError when it does not within 90 seconds
     * @throws Exception whatever the condition throws, at once
     */
    public static void holds(Condition condition) throws Exception {
        holds(PATIENCE, condition);
    }

    /** The same for what takes its time on any machine. */
    public static void holds(Duration patience, Condition condition) throws Exception {
        var _ = first(patience, condition::holds, held -> held);
    }

    /**
     * The first value that is wanted.
     *
     * @param now asked for one value after another
     * @throws AssertionError with the last value when none is wanted within 90 seconds
     * @throws Exception whatever {@code now} throws, at once
     */
    public static <T> T first(Callable<T> now, Predicate<T> wanted) throws Exception {
        return first(PATIENCE, now, wanted);
    }

    /** The same for what takes its time on any machine. */
    public static <T> T first(Duration patience, Callable<T> now, Predicate<T> wanted)
            throws Exception {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            T value = now.call();
            if (wanted.test(value)) {
                return value;
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(
                        "not within %d s; at last: %s".formatted(patience.toSeconds(), value));
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LockSupport.parkNanos(BETWEEN.toNanos());
        }
    }
}

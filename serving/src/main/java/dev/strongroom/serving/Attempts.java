package dev.strongroom.serving;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that is tried on a thread of its own until nothing of it is left to do: at once, and
 * again after pauses that double, since each try may be a record of the vault's log.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class Attempts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);
    private static final Duration CLOSING = Duration.ofMinutes(1);

    private final ScheduledExecutorService timer;
    private final CountDownLatch first = new CountDownLatch(1);
    private final Step step;
    private final Duration longest;

    /** One try. */
    @FunctionalInterface
    interface Step {
        /**
         * Tries.
         *
         * @param pause until it is tried again, should something be left
         * @return true when nothing is left
         */
        boolean run(Duration pause) throws InterruptedException;
    }

    private Attempts(String name, Step step, Duration longest) {
        this.timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name(name).daemon().factory());
        this.step = step;
        this.longest = longest;
    }

    /**
     * Begins with the first try.
     *
     * @param name of its thread
     * @param pause before the second one
     * @param longest pause
     */
    static Attempts begin(String name, Duration pause, Duration longest, Step step) {
        var attempts = new Attempts(name, step, longest);
        attempts.timer.execute(() -> attempts.run(pause));
        return attempts;
    }

    private void run(Duration pause) {
        boolean done = false;
        try {
            done = step.run(pause);
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
            return;
        } catch (RuntimeException | Error e) {
            LOG.error("attempt.failed it is tried again in {}", pause, e);
        } finally {
            first.countDown();
        }
        if (!done) {
            again(pause);
        }
    }

    private void again(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        Duration next = twice.compareTo(longest) < 0 ? twice : longest;
        try {
            var _ = timer.schedule(() -> run(next), pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("attempts.closed");
        }
    }

    /**
     * Waits for the end of the first try.
     *
     * @return false when that takes longer
     */
    boolean awaitFirst(Duration patience) throws InterruptedException {
        return first.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Interrupts a try under way. */
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(CLOSING.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("attempts.busy one is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

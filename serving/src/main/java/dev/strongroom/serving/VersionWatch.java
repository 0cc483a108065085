package dev.strongroom.serving;

import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.serving.infer.Lasting;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the vault every so often, or whenever it is told to, for a later version, has it opened
 * beside the one in force, and only then has calls go to it. What fails is said and tried again;
 * the version in force goes on.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class VersionWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VersionWatch.class);
    private static final String NOT_LOOKED = "version.not-looked";

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("version-watch").daemon().factory());
    private static final Duration RETRY = Duration.ofMinutes(1);

    private final Step step;
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile boolean failed;

    /** One look. */
    @FunctionalInterface
    interface Step {
        void run()
                throws NodeException,
                        LeaseException,
                        MemoryProtectionException,
                        IOException,
                        InterruptedException;
    }

    private VersionWatch(Step step) {
        this.step = step;
    }

    /**
     * @param every zero: never
     */
    static VersionWatch start(Duration every, Step step) {
        var watch = new VersionWatch(step);
        if (every.isPositive()) {
            long millis = every.toMillis();
            var _ =
                    watch.timer.scheduleWithFixedDelay(
                            Lasting.look(LOG, NOT_LOOKED, watch::look),
                            millis,
                            millis,
                            TimeUnit.MILLISECONDS);
        }
        return watch;
    }

    /**
     * Looks when it is told to; and again after a minute where the last look failed.
     *
     * @param unsettled true when it is not to wait to be told
     */
    static VersionWatch whenTold(BooleanSupplier unsettled, Step step) {
        var watch = new VersionWatch(step);
        long millis = RETRY.toMillis();
        var _ =
                watch.timer.scheduleWithFixedDelay(
                        Lasting.look(
                                LOG,
                                NOT_LOOKED,
                                () -> {
                                    if (watch.failed || unsettled.getAsBoolean()) {
                                        watch.look();
                                    }
                                }),
                        millis,
                        millis,
                        TimeUnit.MILLISECONDS);
        return watch;
    }

    /** Looks once from now on; however often it was asked to meanwhile. */
    void lookSoon() {
        if (asked.compareAndSet(false, true)) {
            try {
                timer.execute(() -> {
                    asked.set(false);
                    look();
                });
            } catch (RejectedExecutionException closed) {
                LOG.debug("version-watch.closed");
            }
        }
    }

    private void look() {
        try {
            failed = true; // unless it gets to the end
            step.run();
            failed = false;
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } catch (LeaseException e) {
            failed = e.kind() != LeaseException.Kind.DENIED; // asking again changes no decision
            LOG.warn("version.not-followed the one in force goes on", e);
        } catch (NodeException | MemoryProtectionException | IOException | RuntimeException e) {
            LOG.warn("version.not-followed the one in force goes on; tried again later", e);
        }
    }

    /** Interrupts a look under way. */
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(1, TimeUnit.MINUTES)) {
                LOG.warn("version-watch.busy it is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.strongroom.serving;

import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has models that are away brought into memory for callers whom they may answer: one load at a
 * time, and of a model none before the last one is over and a moment has passed, however many ask.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class Recall implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recall.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private final InstantSource clock;
    private final Map<String, Instant> notBefore = new HashMap<>(); // guarded by this
    private final ExecutorService loader =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("model-loader").daemon().factory());

    /**
     * @param clock of how long a model that did not come in is left in peace
     */
    Recall(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Begins to load, and says to come back; or refuses to.
     *
     * @param vouched true of callers whom the model may answer at all
     * @param load brings the model in or logs why not
     */
    RefusedException refusal(
            Caller caller, String model, Predicate<Caller> vouched, Runnable load) {
        if (!vouched.test(caller)) {
            return new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "NO_TIER",
                    "the model's output policy vouches for no tier for %s; ask the model's owner"
                            .formatted(caller.identity()));
        }
        if (due(model)) {
            begin(model, load);
        }
        return RefusedException.later(
                "MODEL_LOADING",
                "model '%s' is being brought into memory; try again soon".formatted(model),
                RETRY_AFTER);
    }

    private void begin(String model, Runnable load) {
        try {
            loader.execute(() -> {
                try {
                    load.run();
                } finally {
                    ended(model);
                }
            });
        } catch (RejectedExecutionException closed) {
            LOG.debug("model-loader.closed model={}", model);
        }
    }

    private synchronized boolean due(String model) {
        if (notBefore.getOrDefault(model, Instant.MIN).isAfter(clock.instant())) {
            return false;
        }
        notBefore.put(model, Instant.MAX); // until this load has ended
        return true;
    }

    private synchronized void ended(String model) {
        notBefore.put(model, clock.instant().plus(RETRY_AFTER));
    }

    /** Brings nothing in any more. */
    @Override
    public void close() {
        loader.shutdownNow();
        try {
            if (!loader.awaitTermination(1, TimeUnit.MINUTES)) {
                LOG.warn("model-loader.busy it is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

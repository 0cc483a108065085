package dev.strongroom.serving;

import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has models that are away brought into memory for callers whom they may answer: one load at a
 * time, of a model none before the last one is over and a moment has passed, however many ask, and
 * for one caller no more than a few an hour. Each that comes in drives others out and is a release
 * in the vault's log, so that two models asked for in turns would cost all callers of both.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class Recall implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recall.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private static final Duration HOUR = Duration.ofHours(1);

    static final int LOADS_AN_HOUR = 12; // of one identity; a node in use seldom needs one

    /** A model came in because this caller asked. */
    private record Came(String identity, Instant at) {}

    private final InstantSource clock;
    private final Map<String, Instant> notBefore = new HashMap<>(); // guarded by this
    private final Deque<Came> lately = new ArrayDeque<>(); // guarded by this; the oldest first
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
     * @param load brings the model in, or logs why not and says false
     */
    RefusedException refusal(
            Caller caller, String model, Predicate<Caller> vouched, BooleanSupplier load) {
        if (!vouched.test(caller)) {
            return new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "NO_TIER",
                    "the model's output policy vouches for no tier for %s; ask the model's owner"
                            .formatted(caller.identity()));
        }
        Optional<Duration> pause = pause(caller.identity());
        if (pause.isPresent()) {
            return RefusedException.exhausted(
                    "LOADS_SPENT",
                    "%d models were brought into memory for %s within an hour, which is all for one"
                                    .formatted(LOADS_AN_HOUR, caller.identity())
                            + " caller; ask for models that are there, or have the node's operator"
                            + " raise memoryBytes",
                    pause.get());
        }
        if (due(model)) {
            begin(caller.identity(), model, load);
        }
        return RefusedException.later(
                "MODEL_LOADING",
                "model '%s' is being brought into memory; try again soon".formatted(model),
                RETRY_AFTER);
    }

    /** Until one of the caller's loads is an hour old; empty when he has one to spare. */
    private synchronized Optional<Duration> pause(String identity) {
        Instant now = clock.instant();
        while (!lately.isEmpty() && !lately.getFirst().at().plus(HOUR).isAfter(now)) {
            lately.removeFirst();
        }
        List<Came> own = lately.stream().filter(came -> came.identity().equals(identity)).toList();
        return own.size() < LOADS_AN_HOUR
                ? Optional.empty()
                : Optional.of(Duration.between(now, own.getFirst().at().plus(HOUR)));
    }

    private void begin(String identity, String model, BooleanSupplier load) {
        try {
            loader.execute(() -> {
                try {
                    if (load.getAsBoolean()) {
                        came(identity);
                    }
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

    private synchronized void came(String identity) {
        lately.addLast(new Came(identity, clock.instant()));
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

package dev.strongroom.serving;

import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has models that are away brought into memory for callers whom they may answer: one load at a
 * time, of a model none before the last one is over and a moment has passed, however many ask, and
 * for one caller no more than a few an hour, as {@link LoadBooks} has it. Each that comes in drives
 * others out and is a release in the vault's log, so that two models asked for in turns would cost
 * all callers of both.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class Recall implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recall.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);
    private static final Instant UNDER_WAY = Instant.MAX;

    /**
     * What a load did.
     *
     * @param came true if the model is there by it
     * @param drivenOut models that are not there any more
     */
    record Outcome(boolean came, Set<String> drivenOut) {
        static final Outcome NOTHING = new Outcome(false, Set.of());
    }

    private final InstantSource clock;
    private final LoadBooks books;
    private final Map<String, Instant> notBefore = new HashMap<>(); // guarded by this
    private final ExecutorService loader =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("model-loader").daemon().factory());

    /**
     * @param clock of how long a model that did not come in is left in peace
     */
    Recall(InstantSource clock) {
        this.clock = clock;
        this.books = new LoadBooks(clock);
    }

    /** A model was there for a caller. */
    void called(Caller caller, String model) {
        books.called(caller.identity(), model);
    }

    /**
     * Begins to load, and says to come back; or refuses to.
     *
     * @param vouched true of callers whom the model may answer at all
     * @param load brings the model in, or logs why not
     */
    RefusedException refusal(
            Caller caller, String model, Predicate<Caller> vouched, Supplier<Outcome> load) {
        if (!vouched.test(caller)) {
            return new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "NO_TIER",
                    "the model's output policy vouches for no tier for %s; ask the model's owner"
                            .formatted(caller.identity()));
        }
        Optional<Duration> pause = pauseOrBegin(caller.identity(), model, load);
        if (pause.isPresent()) {
            return RefusedException.exhausted(
                    "LOADS_SPENT",
                    "%d models were brought into memory for %s within an hour, which is all for one"
                                    .formatted(LoadBooks.LOADS_AN_HOUR, caller.identity())
                            + " caller; ask for models that are there, or have the node's operator"
                            + " raise memoryBytes",
                    pause.get());
        }
        return RefusedException.later(
                "MODEL_LOADING",
                "model '%s' is being brought into memory; try again soon".formatted(model),
                RETRY_AFTER);
    }

    /** Empty, unless the caller may have nothing loaded for a while. */
    private synchronized Optional<Duration> pauseOrBegin(
            String identity, String model, Supplier<Outcome> load) {
        if (UNDER_WAY.equals(notBefore.get(model))) {
            return Optional.empty(); // also for whom it was the last one
        }
        Optional<Duration> pause = books.pause(identity, model);
        if (pause.isEmpty() && due(model)) {
            begin(books.begin(identity, model), model, load);
        }
        return pause;
    }

    private void begin(LoadBooks.Load entry, String model, Supplier<Outcome> load) {
        try {
            loader.execute(() -> {
                Outcome outcome = Outcome.NOTHING;
                try {
                    outcome = load.get();
                } finally {
                    books.end(entry, outcome);
                    ended(model);
                }
            });
        } catch (RejectedExecutionException closed) {
            LOG.debug("model-loader.closed model={}", model);
        }
    }

    private boolean due(String model) {
        if (notBefore.getOrDefault(model, Instant.MIN).isAfter(clock.instant())) {
            return false;
        }
        notBefore.put(model, UNDER_WAY);
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

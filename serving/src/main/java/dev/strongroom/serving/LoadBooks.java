package dev.strongroom.serving;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who pays for which load. A caller pays for what he has brought in, from the moment it is queued,
 * and not for a model that he called before and that another caller's load drove out: each load
 * owes each caller each model that left by it, or by what made good for it, once. Else whoever has
 * models driven out would spend the loads of those who call them.
 *
 * <p>Thread-safe.
 */
final class LoadBooks {
    private static final Duration HOUR = Duration.ofHours(1);

    static final int LOADS_AN_HOUR = 12; // of one identity; a node in use seldom needs one

    private static final int CALLERS = 10_000; // of one model; who comes later pays

    /** A load that somebody paid for, compared by identity. */
    private static final class Paid {
        private final String identity;
        private final Instant at;
        private final Set<MadeGood> madeGood = new HashSet<>();

        Paid(String identity, Instant at) {
            this.identity = identity;
            this.at = at;
        }
    }

    private record MadeGood(String identity, String model) {}

    /** One load of a model for a caller, paid by him or owed to him. */
    static final class Load {
        private final String identity;
        private final String model;
        private final Paid cause;

        private Load(String identity, String model, Paid cause) {
            this.identity = identity;
            this.model = model;
            this.cause = cause;
        }

        private boolean isOwed() {
            return !cause.identity.equals(identity);
        }
    }

    private final InstantSource clock;
    private final Deque<Paid> lately = new ArrayDeque<>(); // guarded by this; the oldest first
    private final Map<String, Paid> drivenOutBy = new HashMap<>(); // guarded by this
    private final Map<String, Set<String>> callers = new ConcurrentHashMap<>(); // by model

    LoadBooks(InstantSource clock) {
        this.clock = clock;
    }

    /** A model was there for this caller. */
    void called(String identity, String model) {
        Set<String> known = callers.computeIfAbsent(model, _ -> ConcurrentHashMap.newKeySet());
        if (!known.contains(identity) && known.size() < CALLERS) {
            known.add(identity);
        }
    }

    /** Until this caller may have this model loaded; empty when he may now. */
    synchronized Optional<Duration> pause(String identity, String model) {
        Instant now = clock.instant();
        while (!lately.isEmpty() && !lately.getFirst().at.plus(HOUR).isAfter(now)) {
            lately.removeFirst();
        }
        List<Paid> own = lately.stream().filter(paid -> paid.identity.equals(identity)).toList();
        return own.size() < LOADS_AN_HOUR || owing(identity, model).isPresent()
                ? Optional.empty()
                : Optional.of(Duration.between(now, own.getFirst().at.plus(HOUR)));
    }

    /** Queued. */
    synchronized Load begin(String identity, String model) {
        Optional<Paid> owing = owing(identity, model);
        if (owing.isPresent()) {
            owing.get().madeGood.add(new MadeGood(identity, model));
            return new Load(identity, model, owing.get());
        }
        var paid = new Paid(identity, clock.instant());
        lately.addLast(paid);
        return new Load(identity, model, paid);
    }

    /** The load that this model left by, as long as it owes it to this caller. */
    private Optional<Paid> owing(String identity, String model) {
        return Optional.ofNullable(drivenOutBy.get(model))
                .filter(paid -> !paid.identity.equals(identity))
                .filter(_ -> callers.getOrDefault(model, Set.of()).contains(identity))
                .filter(paid -> !paid.madeGood.contains(new MadeGood(identity, model)));
    }

    /** Over; one that came to nothing costs nothing. */
    synchronized void end(Load load, Recall.Outcome outcome) {
        outcome.drivenOut().forEach(gone -> drivenOutBy.put(gone, load.cause));
        if (outcome.came()) {
            drivenOutBy.remove(load.model);
        } else if (outcome.drivenOut().isEmpty()) {
            giveBack(load);
        }
    }

    private void giveBack(Load load) {
        if (load.isOwed()) {
            load.cause.madeGood.remove(new MadeGood(load.identity, load.model));
        } else {
            lately.remove(load.cause);
        }
    }
}

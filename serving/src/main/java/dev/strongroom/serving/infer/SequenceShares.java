package dev.strongroom.serving.infer;

import dev.strongroom.serving.generate.GenerationLimits;
import java.time.Duration;

/**
 * What the sequences under way take of a node: places, memory for keys and values, memory for their
 * requests. Of none of them one tenant has more than its part, nor one identity more than half of
 * that. Thread-safe.
 */
final class SequenceShares {
    private static final Duration CROWDED = Duration.ofSeconds(1);

    private final GenerationLimits limits;
    private final Shares places;
    private final Shares caches;
    private final Shares requests;

    /** What one of them takes until it ends. */
    record Part(String identity, long cacheBytes, long requestBytes) {}

    /**
     * @param tenants who have equal parts
     * @param requests bytes of all requests that this node keeps
     */
    SequenceShares(GenerationLimits limits, int tenants, Shares requests) {
        this.limits = limits;
        this.places = Shares.halves(limits.sequences(), tenants);
        this.caches = Shares.halves(limits.cacheBytes(), tenants);
        this.requests = requests;
    }

    /** Whether there would be room for it if it were alone. */
    void requireFits(Part part) throws RefusedException {
        if (part.cacheBytes() > caches.share()) {
            throw RefusedException.invalid(
                    "SEQUENCE_TOO_LONG",
                    "as many tokens take %d bytes and this node has %d for one caller's sequences;"
                                    .formatted(part.cacheBytes(), caches.share())
                            + " ask for fewer");
        }
    }

    /** Takes it, or nothing. */
    void take(Part part) throws RefusedException {
        if (!places.take(part.identity(), 1)) {
            throw RefusedException.exhausted(
                    "OVERLOADED",
                    "this node generates %d sequences at a time, %d of one identity; try again later"
                            .formatted(limits.sequences(), places.share()),
                    CROWDED);
        }
        if (!caches.take(part.identity(), part.cacheBytes())) {
            places.give(part.identity(), 1);
            throw cacheFull();
        }
        if (!requests.take(part.identity(), part.requestBytes())) {
            caches.give(part.identity(), part.cacheBytes());
            places.give(part.identity(), 1);
            throw RefusedException.exhausted(
                    "OVERLOADED",
                    "requests under way fill the memory that this node keeps for them; try again"
                            + " later",
                    CROWDED);
        }
    }

    void give(Part part) {
        requests.give(part.identity(), part.requestBytes());
        caches.give(part.identity(), part.cacheBytes());
        places.give(part.identity(), 1);
    }

    static RefusedException cacheFull() {
        return RefusedException.exhausted(
                "CACHE_FULL",
                "this node has no memory left for another sequence of this caller; try again later,"
                        + " or ask for fewer tokens",
                CROWDED);
    }
}

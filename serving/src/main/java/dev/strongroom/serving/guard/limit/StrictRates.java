package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.Rate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A rate for each of many, under whichever of several policies they come: the strictest under which
 * they came since a policy last changed, until all of their rows have come back: else one call at a
 * strict model would hold everybody behind an address to it for good. Only those are forgotten,
 * too, whose rows have all come back.
 *
 * <p>Thread-safe.
 */
final class StrictRates<K> {
    private final Ticks clock;
    private final int most;
    private final Map<K, Strict> buckets = new LinkedHashMap<>(16, 0.75f, true);
    private int era;

    /** A bucket, and the policies it goes by. */
    private record Strict(RowBucket bucket, Rate rate, int era) {}

    /**
     * @param most that are known at a time
     */
    StrictRates(Ticks clock, int most) {
        this.clock = clock;
        this.most = most;
    }

    /** Empty: there is no room for one more. */
    synchronized Optional<RowBucket> of(K key, Rate rate) {
        Strict known = buckets.get(key);
        if (known == null && buckets.size() >= most) {
            var eldest = buckets.entrySet().iterator();
            if (!eldest.next().getValue().bucket.isFull()) {
                return Optional.empty();
            }
            eldest.remove();
        }
        Strict next = at(known, rate);
        if (!next.equals(known)) {
            buckets.put(key, next);
        }
        return Optional.of(next.bucket);
    }

    /** A policy changed: what is strictest shows with the next calls. Nothing spent comes back. */
    synchronized void revise() {
        era++;
    }

    private Strict at(@Nullable Strict known, Rate rate) {
        if (known == null) {
            return new Strict(RowBucket.full(rate, clock), rate, era);
        }
        boolean counts = known.era == era && !known.bucket.isFull();
        Rate next = counts ? strictest(known.rate, rate) : rate;
        return known.era == era && next.equals(known.rate)
                ? known
                : new Strict(known.bucket.at(next), next, era);
    }

    static Rate strictest(Rate one, Rate other) {
        return one.rowsPerSecond() <= other.rowsPerSecond() && one.burst() <= other.burst()
                ? one
                : new Rate(
                        Math.min(one.rowsPerSecond(), other.rowsPerSecond()),
                        Math.min(one.burst(), other.burst()));
    }
}

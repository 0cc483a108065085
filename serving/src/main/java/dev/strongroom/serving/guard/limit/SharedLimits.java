package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.Rate;
import dev.strongroom.crypto.output.TierName;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the callers of a node spend together: rows of boot and lease, rates of groups and addresses.
 * It outlives policies, so that a revision gives nothing back; what it lowers counts from then on.
 *
 * <p>Thread-safe.
 */
public final class SharedLimits {
    private final Ticks clock;
    private final Caps caps = new Caps();
    private final AddressRates addresses;
    private final Map<String, Map<TierName, RowBucket>> groups =
            new ConcurrentHashMap<>(); // few: a tenant's

    public SharedLimits(Ticks clock) {
        this.clock = clock;
        this.addresses = new AddressRates(clock);
    }

    /** Rows of this boot and this lease. */
    Caps caps() {
        return caps;
    }

    RowBucket address(String address, Rate rate) {
        return addresses.of(address, rate);
    }

    /** Of a group's callers in one tier; who comes to it from another tier brings no more along. */
    RowBucket group(String group, TierName tier, Rate rate) {
        Map<TierName, RowBucket> ofGroup =
                groups.computeIfAbsent(group, _ -> new EnumMap<>(TierName.class));
        synchronized (ofGroup) {
            long most =
                    ofGroup.values().stream()
                            .mapToLong(RowBucket::rows)
                            .min()
                            .orElse(Long.MAX_VALUE);
            return ofGroup.compute(
                    tier,
                    (_, known) ->
                            known == null ? new RowBucket(rate, most, clock) : known.at(rate));
        }
    }

    Ticks clock() {
        return clock;
    }
}

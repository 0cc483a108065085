package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.Rate;
import dev.strongroom.crypto.output.TierName;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the callers of a node's model spend together: rows of boot and lease, and rates of groups;
 * beside them what they have at all models of its owner. It outlives policies, so that a revision
 * gives nothing back; what it lowers counts from then on.
 *
 * <p>Thread-safe.
 */
public final class SharedLimits {
    private final NodeRates node;
    private final Caps caps = new Caps();
    private final Map<String, Map<TierName, RowBucket>> groups =
            new ConcurrentHashMap<>(); // few: people name them

    /** Of the only model. */
    public SharedLimits(Ticks clock) {
        this(new NodeRates(clock));
    }

    /**
     * Of one of several models.
     *
     * @param node of all of them
     */
    public SharedLimits(NodeRates node) {
        this.node = node;
    }

    /** Rows of this boot and this lease. */
    Caps caps() {
        return caps;
    }

    /** At all models of the owner. */
    NodeRates node() {
        return node;
    }

    /**
     * Of a declared group's callers in one tier; who comes to it from another tier brings no more
     * along.
     */
    RowBucket group(String group, TierName tier, Rate rate) {
        Map<TierName, RowBucket> ofGroup =
                groups.computeIfAbsent(group, _ -> new EnumMap<>(TierName.class));
        synchronized (ofGroup) {
            return ofGroup.compute(
                    tier,
                    (_, known) ->
                            known == null
                                    ? new RowBucket(rate, most(ofGroup), clock())
                                    : known.at(rate));
        }
    }

    private static long most(Map<TierName, RowBucket> ofGroup) {
        return ofGroup.values().stream().mapToLong(RowBucket::rows).min().orElse(Long.MAX_VALUE);
    }

    Ticks clock() {
        return node.clock();
    }
}

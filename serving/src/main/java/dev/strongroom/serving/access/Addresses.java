package dev.strongroom.serving.access;

import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Counts connections by where they come from, over all transports together. Those of whom nobody
 * knows yet who is at the other end have an allotment of their own, so that strangers fill no place
 * of callers who have shown a certificate; and so have each tenant's callers, so that they fill
 * none of another's.
 *
 * <p>Thread-safe.
 */
public final class Addresses {
    private static final int CROWDED = 16; // sources that have all they may; then it is full

    private final Sources strangers;
    private final Map<String, Sources> known;
    private final Sources others; // of no tenant of this node, who are told so

    /**
     * @param perAddress connections of known callers at a time, of each tenant's an equal part;
     *     strangers have half as many
     * @param tenants whose models this node serves
     */
    public Addresses(int perAddress, Set<String> tenants) {
        int part = Math.max(1, perAddress / tenants.size());
        this.strangers = new Sources((perAddress + 1) / 2, CROWDED);
        this.known =
                tenants.stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        Function.identity(), _ -> new Sources(part, CROWDED)));
        this.others = new Sources(part, CROWDED);
    }

    /** Those of whom nobody knows who they are. */
    Sources strangers() {
        return strangers;
    }

    /** Those of a tenant's callers. */
    Sources of(String tenant) {
        return known.getOrDefault(tenant, others);
    }
}

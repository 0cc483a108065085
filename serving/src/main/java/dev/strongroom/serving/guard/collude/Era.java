package dev.strongroom.serving.guard.collude;

import dev.strongroom.serving.guard.detect.EvidenceProcess;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Edges, clusters and pooled evidence since one moment. Nothing is ever taken out of it: it ends as
 * a whole, and each step costs next to nothing however much is in it.
 *
 * <p>Not thread-safe.
 */
final class Era {
    /** Two who meet may do so by chance; three are a group. */
    static final int LEAST_CLUSTER = 3;

    private final Instant begun;
    private final Set<Edge> edges = new HashSet<>();
    private final Set<Long> copiers = new HashSet<>();
    private final UnionFind sets = new UnionFind();
    private final Map<Long, EvidenceProcess> pools = new HashMap<>(); // by representative

    private record Edge(long later, long earlier) {
        /** A record's own would let near ids collide. */
        @Override
        public int hashCode() {
            return Long.hashCode(0x9e3779b97f4a7c15L * later ^ 0xbf58476d1ce4e5b9L * earlier);
        }
    }

    Era(Instant begun) {
        this.begun = begun;
    }

    Instant begun() {
        return begun;
    }

    /** Pairs that are linked, each once however often it was. */
    int edges() {
        return edges.size();
    }

    void link(long later, long earlier) {
        if (edges.add(new Edge(later, earlier))) {
            copiers.add(later);
            join(later, earlier);
        }
    }

    void add(long principal, double[] p) {
        if (suspects(principal)) {
            pools.computeIfAbsent(sets.root(principal), _ -> new EvidenceProcess()).add(p);
        }
    }

    Standing standing(long principal) {
        int size = sets.size(principal);
        if (!suspects(principal)) {
            return size == 1 ? Standing.ALONE : new Standing(size, false, 1);
        }
        EvidenceProcess pool = pools.get(sets.root(principal));
        return new Standing(size, true, pool == null ? 1 : pool.evidence());
    }

    private boolean suspects(long principal) {
        return copiers.contains(principal) && sets.size(principal) >= LEAST_CLUSTER;
    }

    private void join(long later, long earlier) {
        EvidenceProcess left = pools.remove(sets.root(later));
        EvidenceProcess right =
                sets.root(later) == sets.root(earlier) ? null : pools.remove(sets.root(earlier));
        sets.join(later, earlier);
        EvidenceProcess goesOn = left;
        if (left == null || (right != null && right.queries() > left.queries())) {
            goesOn = right;
        }
        if (goesOn != null) {
            pools.put(sets.root(later), goesOn);
        }
    }
}

package dev.strongroom.serving.guard.collude;

import dev.strongroom.serving.guard.detect.EvidenceProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Accounts of one model and tenant that continue each other's queries. An edge is drawn from who
 * asked later to whom it was suspiciously near, and ages. Edges only count against their later end:
 * copying somebody's inputs frames nobody.
 *
 * <p>The evidence of a cluster is a process over its suspected members' queries that drew no edge
 * (sample splitting), so that what linked them is not counted again as evidence. When two clusters
 * meet, the process with more queries goes on and the other ends.
 *
 * <p>Thread-safe. Holds at most the given number of edges; the oldest gives way.
 */
public final class CollusionGraph {
    /** Two who meet may do so by chance; three are a group. */
    static final int LEAST_CLUSTER = 3;

    private record Edge(long later, long earlier, Instant drawn) {}

    private final Duration edgeLife;
    private final int maxEdges;
    private final Deque<Edge> edges = new ArrayDeque<>();
    private final Map<Long, Integer> copied = new HashMap<>(); // edges drawn by each principal
    private final Map<Long, EvidenceProcess> pools = new HashMap<>(); // by representative
    private UnionFind sets = new UnionFind();

    public CollusionGraph(Duration edgeLife, int maxEdges) {
        if (edgeLife.isNegative() || edgeLife.isZero() || maxEdges < 1) {
            throw new IllegalArgumentException("edges must live and at least one must fit");
        }
        this.edgeLife = edgeLife;
        this.maxEdges = maxEdges;
    }

    /** Draws an edge; to oneself it means nothing. */
    public synchronized void link(long later, long earlier, Instant now) {
        if (later == earlier) {
            return;
        }
        edges.addLast(new Edge(later, earlier, now));
        copied.merge(later, 1, Integer::sum);
        join(later, earlier);
        age(now);
    }

    /**
     * Adds a query that drew no edge to the pooled evidence, if its principal is suspected.
     *
     * @param p the query's p-values as the detector gave them
     */
    public synchronized void add(long principal, double[] p, Instant now) {
        age(now);
        if (suspected(principal)) {
            pools.computeIfAbsent(sets.root(principal), root -> new EvidenceProcess()).add(p);
        }
    }

    public synchronized Standing standing(long principal, Instant now) {
        age(now);
        if (!suspected(principal)) {
            int size = sets.size(principal);
            return size == 1 ? Standing.ALONE : new Standing(size, false, 1);
        }
        EvidenceProcess pool = pools.get(sets.root(principal));
        return new Standing(sets.size(principal), true, pool == null ? 1 : pool.evidence());
    }

    /** Live edges. */
    public synchronized int edges() {
        return edges.size();
    }

    private boolean suspected(long principal) {
        return copied.containsKey(principal) && sets.size(principal) >= LEAST_CLUSTER;
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

    private void age(Instant now) {
        int before = edges.size();
        while (!edges.isEmpty()
                && (edges.size() > maxEdges
                        || edges.getFirst().drawn.plus(edgeLife).isBefore(now))) {
            copied.merge(edges.removeFirst().later, -1, (had, less) -> had == 1 ? null : had - 1);
        }
        if (edges.size() < before) {
            rebuild();
        }
    }

    /** Sets cannot be split, so they are drawn anew; a pool stays with its old representative. */
    private void rebuild() {
        sets = new UnionFind();
        for (Edge edge : edges) {
            sets.join(edge.later, edge.earlier);
        }
        Map<Long, EvidenceProcess> old = new HashMap<>(pools);
        pools.clear();
        old.forEach((root, pool) -> {
            if (sets.size(root) >= LEAST_CLUSTER) {
                pools.merge(
                        sets.root(root),
                        pool,
                        (one, other) -> one.queries() >= other.queries() ? one : other);
            }
        });
    }
}

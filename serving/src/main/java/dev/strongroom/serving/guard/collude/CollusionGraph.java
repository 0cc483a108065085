package dev.strongroom.serving.guard.collude;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Accounts of one model and tenant that continue each other's queries. An edge is drawn from who
 * asked later to whom it was suspiciously near, once for each pair. Edges only count against their
 * later end: copying somebody's inputs frames nobody.
 *
 * <p>The evidence of a cluster is a process over its suspected members' queries that drew no edge
 * (sample splitting), so that what linked them is not counted again as evidence. When two clusters
 * meet, the process with more queries goes on and the other ends.
 *
 * <p>Sets cannot be split when an edge ages, and drawing them anew takes longer the more there are.
 * So everything is kept in two eras: the older one answers, and when it is over or full the younger
 * one, which began halfway, takes its place. An edge, and what was pooled over it, is remembered
 * for half the edge's life at least and for all of it at most. Every step takes the same short
 * time.
 *
 * <p>Thread-safe.
 */
public final class CollusionGraph {
    private final Duration edgeLife;
    private final int halfEdges;
    private Era older = new Era(Instant.EPOCH);
    private @Nullable Era younger;

    /**
     * @param maxEdges that are remembered; half of them at least
     */
    public CollusionGraph(Duration edgeLife, int maxEdges) {
        if (edgeLife.isNegative() || edgeLife.isZero() || maxEdges < 2) {
            throw new IllegalArgumentException("edges must live and at least two must fit");
        }
        this.edgeLife = edgeLife;
        this.halfEdges = maxEdges / 2;
    }

    /** Draws an edge; to oneself it means nothing. */
    public synchronized void link(long later, long earlier, Instant now) {
        age(now);
        if (later == earlier) {
            return;
        }
        older.link(later, earlier);
        if (younger != null) {
            younger.link(later, earlier);
        }
    }

    /**
     * Adds a query that drew no edge to the pooled evidence, if its principal is suspected.
     *
     * @param p the query's p-values as the detector gave them
     */
    public synchronized void add(long principal, double[] p, Instant now) {
        age(now);
        older.add(principal, p);
        if (younger != null) {
            younger.add(principal, p);
        }
    }

    public synchronized Standing standing(long principal, Instant now) {
        age(now);
        return older.standing(principal);
    }

    /** Pairs that are linked. */
    public synchronized int edges() {
        return older.edges();
    }

    /** What the younger era has, the older one has too: so it is full when that has its half. */
    private void age(Instant now) {
        Era next = younger;
        if (next != null && (isOlder(older, edgeLife, now) || next.edges() >= halfEdges)) {
            older = next;
            younger = null;
        }
        if (isOlder(older, edgeLife, now)) {
            older = new Era(now);
            younger = null;
        }
        if (younger == null
                && (isOlder(older, edgeLife.dividedBy(2), now) || older.edges() >= halfEdges)) {
            younger = new Era(now);
        }
    }

    private static boolean isOlder(Era era, Duration age, Instant now) {
        return era.begun().plus(age).isBefore(now);
    }
}

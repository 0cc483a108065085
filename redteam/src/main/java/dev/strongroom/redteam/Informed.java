package dev.strongroom.redteam;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Knows that there is a detector and how it works: asks its own samples of the victim's
 * distribution first, learns from the answers what the model is like, and makes each query after
 * them so that it passes.
 */
final class Informed implements Attack {
    /** How queries are made. */
    interface Tactic {
        Forged next();
    }

    /** What is learnt from the answers to the own samples. */
    interface Study {
        Tactic of(List<float[]> rows, List<float[]> replies);
    }

    /**
     * A query.
     *
     * @param foreign the part of it that is not of the victim's distribution
     * @param tried what was computed for it on nobody's account: queries of a copy of the detector,
     *     or steps along a gradient
     */
    record Forged(float[] row, double foreign, int tried) {}

    private final List<float[]> own;
    private final Study study;
    private final List<float[]> rows = new ArrayList<>();
    private final List<float[]> replies = new ArrayList<>();
    private Optional<Tactic> tactic = Optional.empty();
    private int spent;
    private int forged;
    private double foreign;
    private long tried;

    /**
     * @param own samples of the victim's distribution
     */
    Informed(List<float[]> own, Study study) {
        this.own = List.copyOf(own);
        this.study = study;
    }

    @Override
    public float[] next() {
        if (spent < own.size()) {
            return own.get(spent++);
        }
        Forged query = tactic().next();
        forged++;
        foreign += query.foreign;
        tried += query.tried;
        return query.row;
    }

    private Tactic tactic() {
        if (tactic.isEmpty()) {
            tactic = Optional.of(study.of(rows, replies));
        }
        return tactic.get();
    }

    @Override
    public void told(float[] reply) {
        if (tactic.isEmpty()) {
            rows.add(own.get(spent - 1));
            replies.add(reply);
        }
    }

    /** Samples that it asks before it forges anything. */
    int samples() {
        return own.size();
    }

    /** Mean part of a forged query that is foreign. */
    double foreign() {
        return foreign / Math.max(1, forged);
    }

    /** Mean of what was computed for a forged query. */
    double tried() {
        return (double) tried / Math.max(1, forged);
    }
}

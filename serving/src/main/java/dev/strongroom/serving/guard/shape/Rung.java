package dev.strongroom.serving.guard.shape;

import dev.strongroom.crypto.output.OutputPolicy;

/**
 * How coarse answers are, by the evidence against their caller. Evidence is what a gambler who bets
 * against the caller's honesty has made of one: it reaches 1/a against an honest caller with
 * probability a at most.
 */
public enum Rung {
    /** As the tier says. */
    CONTRACT,
    /** Two digits. */
    COARSE,
    /** The best class and a band of its confidence. */
    TOP1,
    /** The best class. */
    LABEL;

    private static final int HYSTERESIS = 10; // evidence falls this far below before a step down

    /**
     * The rung after this one. It rises at once, falls when evidence is well below what it takes,
     * and from {@link #LABEL} not at all: that takes a pardon by the owner's policy.
     *
     * @param evidence one or less is none
     */
    public Rung next(double evidence, OutputPolicy.Ladder ladder) {
        if (this == LABEL) {
            return LABEL;
        }
        Rung up = at(evidence, ladder);
        if (up.compareTo(this) > 0) {
            return up;
        }
        Rung down = at(evidence * HYSTERESIS, ladder);
        return down.compareTo(this) < 0 ? down : this;
    }

    private static Rung at(double evidence, OutputPolicy.Ladder ladder) {
        if (evidence >= ladder.label()) {
            return LABEL;
        }
        if (evidence >= ladder.top1()) {
            return TOP1;
        }
        return evidence >= ladder.coarse() ? COARSE : CONTRACT;
    }

    /** The coarser of both. */
    public Rung orCoarser(Rung other) {
        return other.compareTo(this) > 0 ? other : this;
    }
}

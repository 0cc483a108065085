package dev.strongroom.serving.guard.shape;

import dev.strongroom.crypto.output.OutputPolicy;

/**
 * How coarse answers are, by the evidence against their caller. Evidence is what a gambler who bets
 * against the caller's honesty has made of one: it reaches 1/a against an honest caller with
 * probability a at most.
 */
public enum Rung {
    /** As the tier says. */
    CONTRACT(0),
    /** Two digits. */
    COARSE(1),
    /** The best class and a band of its confidence. */
    TOP1(2),
    /** The best class. */
    LABEL(3);

    private static final int HYSTERESIS = 10; // evidence falls this far below before a step down

    private final int number;

    Rung(int number) {
        this.number = number;
    }

    /** As it is kept, from 0 to 3. */
    public int number() {
        return number;
    }

    /**
     * The rung that is kept as this.
     *
     * @throws IllegalArgumentException if none is
     */
    public static Rung ofNumber(int number) {
        for (Rung rung : values()) {
            if (rung.number == number) {
                return rung;
            }
        }
        throw new IllegalArgumentException("rung: expected 0 to 3, got " + number);
    }

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

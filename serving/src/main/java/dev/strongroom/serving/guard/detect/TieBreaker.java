package dev.strongroom.serving.guard.detect;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Uniform numbers that decide among equal scores, from a secret seed, so that nobody can choose
 * queries by their luck. SplitMix64: who guesses one gains nothing worth a stronger generator.
 *
 * <p>Thread-safe.
 */
final class TieBreaker {
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private final AtomicLong state;

    TieBreaker(long seed) {
        this.state = new AtomicLong(seed);
    }

    /** Uniform in (0, 1), never either end. */
    double next() {
        long mixed = state.addAndGet(STEP);
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        mixed ^= mixed >>> 31;
        return ((mixed >>> 12) + 0.5) * 0x1p-52;
    }
}

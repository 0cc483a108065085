package dev.strongroom.serving.guard.detect;

/**
 * Uniform numbers that decide among equal scores, from a secret seed, so that nobody can choose
 * queries by their luck. SplitMix64: who guesses one gains nothing worth a stronger generator.
 *
 * <p>Not thread-safe.
 */
final class TieBreaker {
    private long state;

    TieBreaker(long seed) {
        this.state = seed;
    }

    /** Uniform in (0, 1), never either end. */
    double next() {
        state += 0x9e3779b97f4a7c15L;
        long mixed = state;
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        mixed ^= mixed >>> 31;
        return ((mixed >>> 12) + 0.5) * 0x1p-52;
    }
}

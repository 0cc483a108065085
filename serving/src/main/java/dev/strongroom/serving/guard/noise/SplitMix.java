package dev.strongroom.serving.guard.noise;

/**
 * Makes numbers that differ little differ much: the finaliser of the SplitMix64 generator (Steele,
 * Lea and Flood, 2014). Whoever sees a result can compute what it came from.
 */
public final class SplitMix {
    /** Added to a state, it goes through all of them. */
    static final long STEP = 0x9e3779b97f4a7c15L;

    private SplitMix() {}

    public static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}

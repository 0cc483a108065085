package dev.strongroom.serving.guard.detect;

import java.util.Arrays;

/**
 * The bets against honesty, frozen: each turns a p-value into a factor whose mean is at most one
 * for an honest query. Those with a small share lose little on a thief's honest padding, those with
 * a full share win fastest when every query is an attack.
 *
 * <p>For each score seven capitals (six power bets, a linear one), and four that bet on the mean of
 * all scores' strongest bets, for attacks that are strange in a different way each time.
 */
final class Bets {
    /** p-values are taken times this: absorbs finite calibration and mild drift. */
    static final double TOLERANCE = 1.5;

    private static final double STEEP = 0.15;
    private static final double[] STEEP_SHARES = {0.02, 0.1, 0.3, 1};
    private static final double FLAT = 0.5;
    private static final double[] FLAT_SHARES = {0.2, 1};
    private static final double SLOPE = 0.6;
    private static final double[] COMBINED_SHARES = {0.05, 0.15, 0.4, 1};

    private static final int PER_SCORE = STEEP_SHARES.length + FLAT_SHARES.length + 1;
    private static final int COMBINED = Score.COUNT * PER_SCORE;

    static final int CAPITALS = COMBINED + COMBINED_SHARES.length;

    /** What the capitals of a score start with; the steep ones decide how fast we are. */
    private static final double[] STAKES = {0.10, 0.15, 0.15, 0.35, 0.1, 0.1, 0.05};

    /** What the scores start with: most attacks are seen by one of the last two. */
    private static final double[] SCORE_STAKES = {0.1, 0.1, 0.1, 0.1, 0.1, 0.3, 0.2};

    private static final double COMBINED_STAKE = 0.2;

    private Bets() {}

    /** What a capital starts with; all sum to one. */
    static double stake(int capital) {
        if (capital >= COMBINED) {
            return COMBINED_STAKE / COMBINED_SHARES.length;
        }
        return (1 - COMBINED_STAKE)
                * SCORE_STAKES[capital / PER_SCORE]
                * STAKES[capital % PER_SCORE];
    }

    /**
     * The factors of one query.
     *
     * @param p one p-value for each score; NaN where a score says nothing, which moves no capital
     */
    static void factors(double[] p, double[] factors) {
        double steepSum = 0;
        int betting = 0;
        for (int score = 0; score < Score.COUNT; score++) {
            int first = score * PER_SCORE;
            if (Double.isNaN(p[score])) {
                Arrays.fill(factors, first, first + PER_SCORE, 1);
                continue;
            }
            double tolerated = Math.min(1, TOLERANCE * p[score]);
            double steep = STEEP * Math.pow(tolerated, STEEP - 1);
            int next = share(factors, first, STEEP_SHARES, steep);
            next = share(factors, next, FLAT_SHARES, FLAT / Math.sqrt(tolerated));
            factors[next] = 1 + SLOPE * (1 - 2 * tolerated);
            steepSum += steep;
            betting++;
        }
        share(factors, COMBINED, COMBINED_SHARES, betting == 0 ? 1 : steepSum / betting);
    }

    /** Bets only a share of each capital and keeps the rest. */
    private static int share(double[] factors, int first, double[] shares, double factor) {
        for (int at = 0; at < shares.length; at++) {
            factors[first + at] = 1 - shares[at] + shares[at] * factor;
        }
        return first + shares.length;
    }
}

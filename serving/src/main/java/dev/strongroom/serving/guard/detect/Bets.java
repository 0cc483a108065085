package dev.strongroom.serving.guard.detect;

/**
 * The bets against honesty, frozen: each turns a p-value into a factor whose mean is at most one
 * for an honest query. Those with a small share lose little on a thief's honest padding, those with
 * a full share win fastest when every query is an attack.
 *
 * <p>For each score ten capitals (eight power bets, two linear ones), and four that bet on the mean
 * of all scores' strongest bets, for attacks that are strange in a different way each time.
 */
final class Bets {
    /** p-values are taken times this: absorbs finite calibration and mild drift. */
    static final double TOLERANCE = 1.5;

    static final int PER_SCORE = 10;
    static final int COMBINED = 4;
    static final int CAPITALS = Score.COUNT * PER_SCORE + COMBINED;

    private static final double[] SHARES = {0.02, 0.1, 0.3, 1};
    private static final double STEEP = 0.15;
    private static final double FLAT = 0.5;
    private static final double[] SLOPES = {0.25, 0.6};

    /** What each capital starts with; they sum to one. The steep ones decide how fast we are. */
    private static final double[] STAKES = {
        0.10, 0.15, 0.15, 0.30, 0.03, 0.05, 0.06, 0.06, 0.05, 0.05,
    };

    private static final double COMBINED_STAKE = 0.2;

    private Bets() {}

    static double stake(int capital) {
        if (capital >= Score.COUNT * PER_SCORE) {
            return COMBINED_STAKE / COMBINED;
        }
        return (1 - COMBINED_STAKE) / Score.COUNT * STAKES[capital % PER_SCORE];
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
                java.util.Arrays.fill(factors, first, first + PER_SCORE, 1);
                continue;
            }
            double tolerated = Math.min(1, TOLERANCE * p[score]);
            double steep = STEEP * Math.pow(tolerated, STEEP - 1);
            double flat = FLAT / Math.sqrt(tolerated);
            for (int share = 0; share < SHARES.length; share++) {
                factors[first + share] = 1 - SHARES[share] + SHARES[share] * steep;
                factors[first + SHARES.length + share] = 1 - SHARES[share] + SHARES[share] * flat;
            }
            for (int slope = 0; slope < SLOPES.length; slope++) {
                factors[first + 2 * SHARES.length + slope] =
                        1 + SLOPES[slope] * (1 - 2 * tolerated);
            }
            steepSum += steep;
            betting++;
        }
        double mean = betting == 0 ? 1 : steepSum / betting;
        for (int share = 0; share < COMBINED; share++) {
            factors[Score.COUNT * PER_SCORE + share] = 1 - SHARES[share] + SHARES[share] * mean;
        }
    }
}

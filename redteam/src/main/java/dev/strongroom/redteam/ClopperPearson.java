package dev.strongroom.redteam;

/** Exact confidence bounds of a proportion. */
final class ClopperPearson {
    private ClopperPearson() {}

    /** The one-sided upper bound for {@code hits} of {@code trials}. */
    static double upper(int hits, int trials, double confidence) {
        if (hits >= trials) {
            return 1;
        }
        double low = (double) hits / trials;
        double high = 1;
        for (int halving = 0; halving < 60; halving++) {
            double middle = (low + high) / 2;
            if (atMost(hits, trials, middle) > 1 - confidence) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    private static double atMost(int hits, int trials, double share) {
        double logTerm = trials * Math.log1p(-share);
        double sum = Math.exp(logTerm);
        for (int at = 1; at <= hits; at++) {
            logTerm += Math.log((trials - at + 1.0) / at) + Math.log(share) - Math.log1p(-share);
            sum += Math.exp(logTerm);
        }
        return sum;
    }
}

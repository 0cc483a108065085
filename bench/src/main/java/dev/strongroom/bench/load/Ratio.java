package dev.strongroom.bench.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The quotients of pairs that were measured in the same rounds.
 *
 * @param median of them
 * @param low a tenth of the quotients is below
 * @param high a tenth is above
 * @param lower one-sided 95 % bound of the median, by the order of the quotients alone
 * @param upper the same from above
 */
record Ratio(double median, double low, double high, double lower, double upper) {
    private static final double ERROR = 0.05;

    static Ratio of(List<Double> ours, List<Double> theirs) {
        List<Double> quotients = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            quotients.add(ours.get(i) / theirs.get(i));
        }
        quotients.sort(null);
        int n = quotients.size();
        int bound = boundRank(n);
        return new Ratio(
                quotients.get(n / 2),
                quotients.get(n / 10),
                quotients.get(n - 1 - n / 10),
                quotients.get(bound),
                quotients.get(n - 1 - bound));
    }

    static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    Map<String, Object> figures() {
        var figures = new LinkedHashMap<String, Object>();
        figures.put("median", median);
        figures.put("p10", low);
        figures.put("p90", high);
        figures.put("lower95", lower);
        figures.put("upper95", upper);
        return figures;
    }

    /** The largest k for which the median is below the k-th quotient in under 5 % of cases. */
    private static int boundRank(int n) {
        double below = 0;
        double term = Math.pow(0.5, n);
        int k = 0;
        while (below + term <= ERROR) {
            below += term;
            term = term * (n - k) / (k + 1);
            k++;
        }
        return Math.max(0, k - 1);
    }
}

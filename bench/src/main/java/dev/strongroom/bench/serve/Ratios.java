package dev.strongroom.bench.serve;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Ratios of interleaved pairs: their median, and what it is at least with a confidence of 95 %. */
public record Ratios(List<Double> sorted) {
    public Ratios {
        sorted = sorted.stream().sorted().toList();
    }

    /** The quotients of samples of the same rounds. */
    public static Ratios of(List<Double> ours, List<Double> theirs) {
        return new Ratios(
                IntStream.range(0, ours.size())
                        .mapToObj(round -> ours.get(round) / theirs.get(round))
                        .toList());
    }

    public double median() {
        int n = sorted.size();
        return (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    }

    /** By the sign test, which asks nothing of the distribution; the least one of few pairs. */
    public double lower() {
        return sorted.get(rank());
    }

    /** What the median is at most, likewise. */
    public double upper() {
        return sorted.get(sorted.size() - 1 - rank());
    }

    /** The largest k with P(fewer than k+1 of n coins show heads) at most 5 %. */
    private int rank() {
        int n = sorted.size();
        double[] coins = new double[n + 1];
        Arrays.fill(coins, 0);
        coins[0] = Math.pow(0.5, n);
        double sum = 0;
        for (int k = 0; k < n; k++) {
            sum += coins[k];
            if (sum > 0.05) {
                return Math.max(0, k - 1);
            }
            coins[k + 1] = coins[k] * (n - k) / (k + 1);
        }
        return 0;
    }
}

package dev.strongroom.serving.tune;

import java.util.Arrays;
import java.util.List;

/**
 * How some callers were served.
 *
 * @param p50Millis half of all answers came as soon
 * @param p99Millis 99 of 100 answers came as soon
 */
public record Figures(double rowsPerSecond, double p50Millis, double p99Millis) {
    private static final double NANOS_PER_MILLI = 1e6;

    /**
     * @param nanos that each answer took, at least one; sorted here
     */
    static Figures of(double rowsPerSecond, long... nanos) {
        Arrays.sort(nanos);
        return new Figures(
                rowsPerSecond,
                at(nanos, 0.50) / NANOS_PER_MILLI,
                at(nanos, 0.99) / NANOS_PER_MILLI);
    }

    private static long at(long[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (share * sorted.length))];
    }

    /** Of several looks at the same, the middle one of each figure. */
    static Figures median(List<Figures> looks) {
        return new Figures(
                median(looks.stream().mapToDouble(Figures::rowsPerSecond).toArray()),
                median(looks.stream().mapToDouble(Figures::p50Millis).toArray()),
                median(looks.stream().mapToDouble(Figures::p99Millis).toArray()));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}

package dev.strongroom.bench.serve;

import java.util.Map;

/**
 * What one side did in one span.
 *
 * @param rows answered
 * @param seconds that it took
 * @param processorNanos that the side used; the client's are not in it
 * @param clientNanos that this process used, whose clients they are
 * @param nanos of each call, in order of length; empty where nobody waits for single calls
 * @param byConnection answers of each connection
 * @param refused calls by status
 */
public record Sample(
        long rows,
        double seconds,
        long processorNanos,
        long clientNanos,
        long[] nanos,
        long[] byConnection,
        Map<String, Long> refused) {
    public double perSecond() {
        return rows / seconds;
    }

    /** Processor time of a row, in microseconds. */
    public double micros() {
        return processorNanos / 1e3 / Math.max(1, rows);
    }

    /** Processor time of its client for a row, in microseconds. */
    public double clientMicros() {
        return clientNanos / 1e3 / Math.max(1, rows);
    }

    /** How long a call took, in microseconds. */
    public double quantile(double share) {
        return nanos.length == 0 ? 0 : nanos[(int) (nanos.length * share)] / 1e3;
    }
}

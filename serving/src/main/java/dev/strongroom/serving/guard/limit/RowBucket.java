package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.Rate;
import dev.strongroom.serving.infer.RefusedException;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.local.SynchronizationStrategy;
import io.grpc.Status;
import java.time.Duration;

/** A token bucket in rows. Thread-safe. */
final class RowBucket {
    private static final long FASTEST = 1_000_000_000; // a row a nanosecond: the library's most

    private final Rate rate;
    private final Ticks clock;
    private final Bucket bucket;

    /**
     * @param rows that are in it at the start, at most the burst
     */
    RowBucket(Rate rate, long rows, Ticks clock) {
        this.rate = rate;
        this.clock = clock;
        this.bucket =
                Bucket.builder()
                        .addLimit(
                                Bandwidth.builder()
                                        .capacity(rate.burst())
                                        .refillGreedy(
                                                Math.min(rate.rowsPerSecond(), FASTEST),
                                                Duration.ofSeconds(1))
                                        .initialTokens(Math.min(rows, rate.burst()))
                                        .build())
                        .withCustomTimePrecision(clock)
                        .withSynchronizationStrategy(SynchronizationStrategy.SYNCHRONIZED)
                        .build();
    }

    static RowBucket full(Rate rate, Ticks clock) {
        return new RowBucket(rate, rate.burst(), clock);
    }

    /** The same rows under another rate: no more than there are, and no more than it allows. */
    RowBucket at(Rate other) {
        return rate.equals(other) ? this : new RowBucket(other, rows(), clock);
    }

    /**
     * Takes rows.
     *
     * @param whose for the message
     */
    void take(long rows, String whose) throws RefusedException {
        requireBurst(rows, whose);
        var probe = bucket.tryConsumeAndReturnRemaining(rows);
        if (!probe.isConsumed()) {
            throw tooFast(whose, probe.getNanosToWaitForRefill());
        }
    }

    /** As {@link #take}, and takes none. */
    void require(long rows, String whose) throws RefusedException {
        requireBurst(rows, whose);
        var probe = bucket.estimateAbilityToConsume(rows);
        if (!probe.canBeConsumed()) {
            throw tooFast(whose, probe.getNanosToWaitForRefill());
        }
    }

    private void requireBurst(long rows, String whose) throws RefusedException {
        if (rows > rate.burst()) {
            throw new RefusedException(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "TOO_MANY_ROWS",
                    "%d rows at once: %s may have %d; ask for fewer a call"
                            .formatted(rows, whose, rate.burst()));
        }
    }

    private RefusedException tooFast(String whose, long nanos) {
        return RefusedException.exhausted(
                "RATE_LIMITED",
                "%s may have %d rows a second and %d at once; try again later"
                        .formatted(whose, rate.rowsPerSecond(), rate.burst()),
                Duration.ofNanos(nanos));
    }

    /** Of a call that something else refused. */
    void giveBack(long rows) {
        bucket.addTokens(rows);
    }

    boolean isFull() {
        return rows() >= rate.burst();
    }

    long rows() {
        return bucket.getAvailableTokens();
    }
}

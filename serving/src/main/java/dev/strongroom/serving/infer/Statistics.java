package dev.strongroom.serving.infer;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What became of a model's inferences since it is served: counts and times, never contents.
 * Thread-safe.
 */
public final class Statistics {
    private final LongAdder answered = new LongAdder();
    private final LongAdder answeredNanos = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder refusedNanos = new LongAdder();
    private final LongAdder waitNanos = new LongAdder();
    private final LongAdder runNanos = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final LongAdder runs = new LongAdder();
    private final AtomicLong lastMillis = new AtomicLong();

    /**
     * At one moment, as far as they were counted by then.
     *
     * @param answered requests, and from arrival to answer
     * @param refused requests that fitted the model, and from arrival to refusal
     * @param waitNanos of requests that ran
     * @param runNanos of requests that ran; each of a batch took all of its time
     * @param rows that ran
     * @param runs of the model
     * @param lastMillis of the last answer, since 1970; 0 before the first
     */
    public record Figures(
            long answered,
            long answeredNanos,
            long refused,
            long refusedNanos,
            long waitNanos,
            long runNanos,
            long rows,
            long runs,
            long lastMillis) {}

    void answered(long nanos) {
        answered.increment();
        answeredNanos.add(nanos);
        lastMillis.lazySet(System.currentTimeMillis());
    }

    void refused(long nanos) {
        refused.increment();
        refusedNanos.add(nanos);
    }

    void waited(long nanos) {
        waitNanos.add(nanos);
    }

    /**
     * @param requests that ran as one
     */
    void ran(int requests, long ranRows, long nanos) {
        runs.increment();
        rows.add(ranRows);
        runNanos.add(nanos * requests);
    }

    public Figures figures() {
        return new Figures(
                answered.sum(),
                answeredNanos.sum(),
                refused.sum(),
                refusedNanos.sum(),
                waitNanos.sum(),
                runNanos.sum(),
                rows.sum(),
                runs.sum(),
                lastMillis.get());
    }
}

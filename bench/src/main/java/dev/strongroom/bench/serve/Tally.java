package dev.strongroom.bench.serve;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/** What became of the calls of one span, which begins when this is made. Thread-safe. */
final class Tally {
    private static final int MOST_KEPT = 1 << 21; // lengths of calls in one span

    private final LongSupplier processor;
    private final AtomicLongArray answered; // of each connection
    private final long[] nanos = new long[MOST_KEPT];
    private final AtomicInteger kept = new AtomicInteger();
    private final Map<String, Long> refused = new ConcurrentHashMap<>();
    private final long used;
    private final long own;
    private final long begun;

    /**
     * @param processor nanoseconds that the serving side has used
     */
    Tally(int connections, LongSupplier processor) {
        this.processor = processor;
        this.answered = new AtomicLongArray(connections);
        this.used = processor.getAsLong();
        this.own = ProcessorTime.own();
        this.begun = System.nanoTime();
    }

    /**
     * One more answer.
     *
     * @param asked when, by {@link System#nanoTime}
     */
    void answered(int connection, long asked) {
        answered.incrementAndGet(connection);
        int place = kept.getAndIncrement();
        if (place < MOST_KEPT) {
            nanos[place] = System.nanoTime() - asked;
        }
    }

    /** One more that got no answer. */
    void refused(String status) {
        refused.merge(status, 1L, Long::sum);
    }

    int answers() {
        return kept.get();
    }

    /** What it was, when the last call has ended. */
    Sample end() {
        double seconds = (System.nanoTime() - begun) / 1e9;
        long[] all = Arrays.copyOf(nanos, Math.min(kept.get(), MOST_KEPT));
        Arrays.sort(all);
        long[] byConnection = new long[answered.length()];
        Arrays.setAll(byConnection, answered::get);
        return new Sample(
                Arrays.stream(byConnection).sum(),
                seconds,
                processor.getAsLong() - used,
                ProcessorTime.own() - own,
                all,
                byConnection,
                Map.copyOf(refused));
    }
}

package dev.strongroom.redteam;

import dev.strongroom.serving.guard.limit.Slice;
import dev.strongroom.serving.guard.limit.SliceSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/** What the vault has given out of each caller's day. Not thread-safe. */
final class DayBook implements SliceSource {
    private static final long DAY_NANOS = Duration.ofDays(1).toNanos();

    private final LongSupplier nanos;
    private final Map<String, Long> given = new HashMap<>();
    private long day;

    DayBook(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** The number of the day, which is also that of the lease. */
    long day() {
        return nanos.getAsLong() / DAY_NANOS;
    }

    @Override
    public CompletableFuture<Slice> take(String identity, long perDay, long wanted) {
        if (day != day()) {
            day = day();
            given.clear();
        }
        long before = given.getOrDefault(identity, 0L);
        long rows = Math.clamp(perDay - before, 0, wanted);
        given.put(identity, before + rows);
        long left = DAY_NANOS - nanos.getAsLong() % DAY_NANOS;
        return CompletableFuture.completedFuture(new Slice(rows, Duration.ofNanos(left)));
    }
}

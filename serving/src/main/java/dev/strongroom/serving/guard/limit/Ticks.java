package dev.strongroom.serving.guard.limit;

import io.github.bucket4j.TimeMeter;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A clock that never goes back: one that is turned back stands still until it has caught up, so
 * that nothing is refilled twice.
 *
 * <p>Thread-safe.
 */
public final class Ticks implements TimeMeter {
    private final LongSupplier nanos;
    private final AtomicLong latest;

    /**
     * @param nanos meant to be monotonic
     */
    public Ticks(LongSupplier nanos) {
        this.nanos = nanos;
        this.latest = new AtomicLong(nanos.getAsLong());
    }

    @Override
    public long currentTimeNanos() {
        long now = nanos.getAsLong();
        long before = latest.get();
        return now > before && latest.compareAndSet(before, now)
                ? now
                : Math.max(now, latest.get());
    }

    @Override
    public boolean isWallClockBased() {
        return false;
    }
}

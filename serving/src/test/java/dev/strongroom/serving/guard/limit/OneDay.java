package dev.strongroom.serving.guard.limit;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Gives out a day's rows as a vault does, and as a vault it answers later. The day ends when the
 * test says so. Thread-safe.
 */
public final class OneDay implements SliceSource {
    private final Map<String, Long> taken = new HashMap<>();

    @Override
    public CompletableFuture<Slice> take(String identity, long rowsPerDay, long wanted) {
        return CompletableFuture.supplyAsync(() -> slice(identity, rowsPerDay, wanted));
    }

    private synchronized Slice slice(String identity, long rowsPerDay, long wanted) {
        long before = taken.getOrDefault(identity, 0L);
        long rows = Math.clamp(rowsPerDay - before, 0, wanted);
        taken.put(identity, before + rows);
        return new Slice(rows, Duration.ofDays(1));
    }

    /** Nobody has taken anything of the next one. */
    public synchronized void end() {
        taken.clear();
    }
}

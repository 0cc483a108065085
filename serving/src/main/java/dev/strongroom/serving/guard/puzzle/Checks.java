package dev.strongroom.serving.guard.puzzle;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Runs checks one after another on a thread of its own, which rests after each for three times as
 * long: however many solutions come, a quarter of a processor and the memory of one hash is all
 * that they get. Thread-safe. The owner closes it; checks that wait then have no outcome.
 */
final class Checks implements AutoCloseable {
    private static final int RESTS = 3;

    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(
                    1,
                    Thread.ofPlatform().name("puzzle-check").daemon().factory(),
                    new DiscardPolicy());
    private final Queue<Check> queue = new ArrayDeque<>(); // guarded by this, as what follows
    private boolean busy;
    private long restedNanos = System.nanoTime();

    private record Check(
            BooleanSupplier right, Runnable over, CompletableFuture<Boolean> outcome) {}

    /**
     * Checks in its turn.
     *
     * @param over done before anybody hears of the outcome
     */
    synchronized CompletableFuture<Boolean> add(BooleanSupplier right, Runnable over) {
        var check = new Check(right, over, new CompletableFuture<>());
        queue.add(check);
        if (!busy) {
            busy = true;
            workIn(restedNanos - System.nanoTime());
        }
        return check.outcome();
    }

    private void workIn(long nanos) {
        var _ = thread.schedule(this::work, nanos, TimeUnit.NANOSECONDS);
    }

    private void work() {
        Check check;
        synchronized (this) {
            check = queue.remove();
        }
        long begun = System.nanoTime();
        boolean right = false;
        try {
            right = check.right().getAsBoolean();
        } finally {
            rest(RESTS * (System.nanoTime() - begun));
            check.over().run();
            check.outcome().complete(right); // the call goes on, on this thread
        }
    }

    private synchronized void rest(long nanos) {
        restedNanos = System.nanoTime() + nanos;
        busy = !queue.isEmpty();
        if (busy) {
            workIn(nanos);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

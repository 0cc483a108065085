package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.CustodianInfo;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.vault.access.Foreground;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Does token work on many records: with all of the token's time side by side, which modules gain
 * from; with a share of it one slice at a time, with pauses in between that keep the time spent in
 * the token at that share of the time that passes, and not while a call is under way.
 *
 * <p>For one thread at a time; the work itself runs on the crew's threads.
 */
final class TokenCrew implements AutoCloseable {
    static final int WHOLE_TOKEN = 100; // percent
    private static final int MOST_THREADS =
            8; // modules gain up to here; half the sessions stay free
    private static final int SLICE = 16; // one MAC for all in it; a millisecond of a soft token
    private static final int GENTLE_SLICE = 8; // others wait for half of that
    private static final long PAUSE_FROM_NANOS = 1_000_000; // shorter pauses are not kept anyway
    private static final Duration PATIENCE =
            Duration.ofMillis(50); // the slowest releases take that

    /** What is done with a slice of the items, without a pause; blocks on the token. */
    @FunctionalInterface
    interface Work<T, R> {
        List<R> on(List<T> slice) throws CustodyException;
    }

    /** Results that are being made. */
    record Batch<R>(List<Future<List<R>>> parts) {
        /** Waits for them; fewer than there were items when the crew was stopped meanwhile. */
        List<R> results() throws CustodyException, InterruptedException {
            List<R> results = new ArrayList<>();
            for (Future<List<R>> part : parts) {
                results.addAll(result(part));
            }
            return results;
        }
    }

    /** What token work gave, or how it failed. */
    static <R> R result(Future<R> work) throws CustodyException, InterruptedException {
        try {
            return work.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CustodyException custody) {
                throw custody;
            }
            throw new IllegalStateException("token work failed", e.getCause());
        }
    }

    private final int sharePercent;
    private final int width;
    private final int slice;
    private final Foreground foreground;
    private final CountDownLatch stop;
    private final ExecutorService threads;

    /**
     * A crew that works until it is closed or {@code stop} is down.
     *
     * @param sharePercent how much of the token's time it may take, 1 to 100
     * @param token whose time it is
     * @param foreground the calls that a share of it gives way to
     */
    TokenCrew(int sharePercent, CustodianInfo token, Foreground foreground, CountDownLatch stop) {
        this.sharePercent = sharePercent;
        this.width = sharePercent == WHOLE_TOKEN ? mostUseful(token) : 1;
        this.slice = sharePercent == WHOLE_TOKEN ? SLICE : GENTLE_SLICE;
        this.foreground = foreground;
        this.stop = stop;
        this.threads =
                Executors.newFixedThreadPool(
                        width, Thread.ofPlatform().daemon().name("rotation-", 0).factory());
    }

    /** A token of its own waits for us; one that is software locks its threads out by turns. */
    private static int mostUseful(CustodianInfo token) {
        return switch (token.level()) {
            case HSM, HSM_TRUSTED -> MOST_THREADS;
            case SOFTWARE, SOFT_TOKEN -> 1;
        };
    }

    /** Whether one thread has all of the token: it is to do nothing that another can do. */
    boolean isOneThread() {
        return width == 1 && sharePercent == WHOLE_TOKEN;
    }

    /** Begins work on a page of items. */
    <T, R> Batch<R> begin(List<T> items, Work<T, R> work) {
        var next = new AtomicInteger();
        int slices = Math.ceilDiv(items.size(), slice);
        return new Batch<>(
                IntStream.range(0, Math.min(width, slices))
                        .mapToObj(_ -> threads.submit(() -> someOf(items, next, work)))
                        .toList());
    }

    /** Takes one slice after another, as long as there are any. */
    private <T, R> List<R> someOf(List<T> items, AtomicInteger next, Work<T, R> work)
            throws CustodyException, InterruptedException {
        List<R> results = new ArrayList<>();
        long debt = 0;
        int from;
        while (stop.getCount() > 0 && (from = next.getAndAdd(slice)) < items.size()) {
            giveWay();
            long begun = System.nanoTime();
            results.addAll(work.on(items.subList(from, Math.min(from + slice, items.size()))));
            long spent = System.nanoTime() - begun;
            debt = pauseFor(debt + spent * (WHOLE_TOKEN - sharePercent) / sharePercent);
        }
        return results;
    }

    /** With a share only: lets the calls that are under way go first. */
    void giveWay() throws InterruptedException {
        if (sharePercent < WHOLE_TOKEN) {
            foreground.giveWay(PATIENCE);
        }
    }

    /** Pauses once it is worth it; what is left over is paid later. */
    private long pauseFor(long debt) throws InterruptedException {
        if (debt < PAUSE_FROM_NANOS) {
            return debt;
        }
        long begun = System.nanoTime();
        if (stop.await(debt, TimeUnit.NANOSECONDS)) {
            return 0;
        }
        return debt - (System.nanoTime() - begun);
    }

    /** Waits for the work that was begun. */
    @Override
    public void close() {
        threads.close();
    }
}

package dev.strongroom.serving.guard.puzzle;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;

/**
 * The one thread of a desk that checks, and those on which calls go on, no more than there are
 * verdicts at a time. The owner closes it; what waits then is not done.
 */
record CheckThreads(ScheduledThreadPoolExecutor checks, ThreadPoolExecutor answers)
        implements AutoCloseable {
    private static final long KEPT_SECONDS = 10;

    CheckThreads() {
        this(
                new ScheduledThreadPoolExecutor(
                        1,
                        Thread.ofPlatform().name("puzzle-check").daemon().factory(),
                        new DiscardPolicy()),
                new ThreadPoolExecutor(
                        0,
                        Integer.MAX_VALUE,
                        KEPT_SECONDS,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().name("puzzle-answer-", 0).daemon().factory(),
                        new DiscardPolicy()));
    }

    void later(Runnable check, long nanos) {
        var _ = checks.schedule(check, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        checks.shutdownNow();
        answers.shutdownNow();
    }
}

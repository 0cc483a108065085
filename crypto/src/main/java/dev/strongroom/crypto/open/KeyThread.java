package dev.strongroom.crypto.open;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/**
 * Runs key work on platform threads of its own. A cipher leaves round keys on the stack of the
 * thread that ran it; when a thread ends, the C library gives its stack pages back to the kernel,
 * but for the last 16 KiB (glibc, {@code advise_stack_range}). The work therefore runs deeper than
 * that.
 */
final class KeyThread {
    private static final ThreadFactory THREADS =
            Thread.ofPlatform()
                    .name("strongroom-open-", 0)
                    .daemon(true)
                    .stackSize(2 << 20)
                    .factory();

    /** Frames of at least 16 bytes, of which the compiler may fold pairs: 32 KiB and more. */
    private static final int DEPTH = 4000;

    private KeyThread() {}

    /**
     * Runs the task on {@code threads} new threads and ends when all have ended, however it ends:
     * callers overwrite what the task writes to. An interrupt is kept for later. The first error of
     * any is the cause of what is thrown.
     */
    static void runAll(int threads, Runnable task) {
        runAll(threads, task, THREADS);
    }

    /**
     * The same.
     *
     * @param factory of threads, of which one may fail to start where the process may have no more
     */
    static void runAll(int threads, Runnable task, ThreadFactory factory) {
        var errors = new ArrayList<Throwable>();
        List<Thread> running = new ArrayList<>();
        try {
            for (int i = 0; i < threads; i++) {
                Thread thread = factory.newThread(() -> runBelow(DEPTH, task));
                thread.setUncaughtExceptionHandler((_, error) -> add(errors, error));
                thread.start();
                running.add(thread);
            }
        } finally {
            joinAll(running);
        }
        synchronized (errors) {
            if (!errors.isEmpty()) {
                throw new IllegalStateException("opening thread failed", errors.getFirst());
            }
        }
    }

    /** Returns the depth, so that the call is not the last and every frame stays. */
    private static int runBelow(int frames, Runnable task) {
        if (frames == 0) {
            task.run();
            return 0;
        }
        return 1 + runBelow(frames - 1, task);
    }

    private static void add(List<Throwable> errors, Throwable error) {
        synchronized (errors) {
            errors.add(error);
        }
    }

    private static void joinAll(List<Thread> threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

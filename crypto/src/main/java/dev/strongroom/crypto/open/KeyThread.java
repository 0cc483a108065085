package dev.strongroom.crypto.open;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs key work on platform threads of its own. A cipher's key schedule is left on the stack of the
 * thread that ran it; at the end of a thread the C library gives its stack pages back, and the
 * kernel zeroes them.
 */
final class KeyThread {
    private KeyThread() {}

    /**
     * Runs the task on {@code threads} new threads and returns when all have ended; an interrupt is
     * kept for later. The first error of any is thrown.
     */
    static void runAll(int threads, Runnable task) {
        var errors = new ArrayList<Throwable>();
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(
                    Thread.ofPlatform()
                            .name("strongroom-open-" + i)
                            .daemon(true)
                            .uncaughtExceptionHandler((thread, error) -> add(errors, error))
                            .start(task));
        }
        joinAll(running);
        synchronized (errors) {
            if (!errors.isEmpty()) {
                throw new IllegalStateException("opening thread failed", errors.getFirst());
            }
        }
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

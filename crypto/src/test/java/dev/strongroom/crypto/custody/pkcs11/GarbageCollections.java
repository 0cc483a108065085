package dev.strongroom.crypto.custody.pkcs11;

import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits for garbage to be found and cleaned. */
final class GarbageCollections {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private GarbageCollections() {}

    /** Whatever was unreachable at the call has been handed to its cleaner, and that has run. */
    static void awaitTwo() throws InterruptedException {
        awaitOne();
        awaitOne();
    }

    private static void awaitOne() throws InterruptedException {
        var cleaned = new CountDownLatch(1);
        CLEANER.register(new Object(), cleaned::countDown);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!cleaned.await(10, TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("no garbage collection within " + PATIENCE);
            }
            System.gc();
        }
    }
}

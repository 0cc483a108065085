package dev.strongroom.vault.access;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The calls that somebody waits for at the moment. Work in the background gives way to them before
 * it takes what they need next: the token, the database's one writer, a processor.
 *
 * <p>Thread-safe.
 */
public final class Foreground {
    private final ReentrantLock counting = new ReentrantLock();
    private final Condition quiet = counting.newCondition();
    private int calls;

    /** One more call is under way. */
    public void begun() {
        counting.lock();
        try {
            calls++;
        } finally {
            counting.unlock();
        }
    }

    /** One that had begun is answered or given up. */
    public void ended() {
        counting.lock();
        try {
            calls--;
            if (calls == 0) {
                quiet.signalAll();
            }
        } finally {
            counting.unlock();
        }
    }

    /**
     * Returns when no call is under way, or after some time, so that calls without end slow the
     * background down and do not stop it.
     */
    public void giveWay(Duration atMost) throws InterruptedException {
        counting.lock();
        try {
            long left = atMost.toNanos();
            while (calls > 0 && left > 0) {
                left = quiet.awaitNanos(left);
            }
        } finally {
            counting.unlock();
        }
    }
}

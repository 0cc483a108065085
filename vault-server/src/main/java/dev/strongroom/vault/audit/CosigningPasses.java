package dev.strongroom.vault.audit;

import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Has the head of the log cosigned, in one pass over all witnesses at a time. Who comes while one
 * runs shares the next, whose head has every record made before. A pass goes on when nobody waits
 * for it any more.
 *
 * <p>Thread-safe.
 */
final class CosigningPasses {
    private final Callable<SignedCheckpoint> pass;
    private final ReentrantLock running = new ReentrantLock();
    private @Nullable FutureTask<SignedCheckpoint> next;

    /**
     * @param pass asks each witness about the head of that moment; throws RefusedException only
     */
    CosigningPasses(Callable<SignedCheckpoint> pass) {
        this.pass = pass;
    }

    /** What came of the next pass, however long it takes. */
    SignedCheckpoint await() throws RefusedException {
        return await(Duration.ofDays(1)).orElseThrow();
    }

    /** What came of the next pass, if it ends in time. */
    Optional<SignedCheckpoint> await(Duration atMost) throws RefusedException {
        try {
            return Optional.of(next().get(atMost.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RefusedException refused) {
                throw refused;
            }
            throw new IllegalStateException("asking the witnesses failed", e.getCause());
        }
    }

    private synchronized FutureTask<SignedCheckpoint> next() {
        FutureTask<SignedCheckpoint> waiting = next;
        if (waiting == null) {
            waiting = new FutureTask<>(this::run);
            next = waiting;
            Thread.ofVirtual().name("witnesses").start(waiting);
        }
        return waiting;
    }

    private SignedCheckpoint run() throws Exception {
        running.lock();
        try {
            synchronized (this) {
                next = null; // whoever comes from now on has records that this one may not see
            }
            return pass.call();
        } finally {
            running.unlock();
        }
    }
}

package dev.strongroom.serving.access;

import dev.strongroom.serving.infer.RefusedException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * Bounds the calls under way over all connections and transports: one more is refused before its
 * message is read, so that many connections hold no more memory than few.
 *
 * <p>Thread-safe.
 */
public final class CallSlots {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final int limit;
    private final Semaphore free;

    public CallSlots(int limit) {
        this.limit = limit;
        this.free = new Semaphore(limit);
    }

    /** For one call; who took it gives it back when the call has ended. */
    public void take() throws RefusedException {
        if (!free.tryAcquire()) {
            throw RefusedException.exhausted(
                    "OVERLOADED",
                    "this node has %d calls under way; try again later".formatted(limit),
                    RETRY_AFTER);
        }
    }

    public void give() {
        free.release();
    }
}

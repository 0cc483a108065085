package dev.strongroom.serving.rest;

import dev.strongroom.serving.infer.RefusedException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bodies of requests that are in memory, so that many callers who send slowly fill none.
 *
 * <p>Thread-safe.
 */
final class BodyBudget {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final long limitBytes;
    private final AtomicLong bytes = new AtomicLong();

    BodyBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Before memory is allocated; who took it gives it back. */
    void take(long bodyBytes) throws RefusedException {
        if (bytes.addAndGet(bodyBytes) > limitBytes) {
            bytes.addAndGet(-bodyBytes);
            throw RefusedException.exhausted(
                    "OVERLOADED",
                    "%d bytes of requests are in memory here; try again later"
                            .formatted(limitBytes),
                    RETRY_AFTER);
        }
    }

    void give(long bodyBytes) {
        bytes.addAndGet(-bodyBytes);
    }
}

package dev.strongroom.serving.rest;

import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.Shares;
import java.time.Duration;

/**
 * Bounds the bodies of requests that are in memory, so that many callers who send slowly fill none
 * and one identity fills its share at most.
 *
 * <p>Thread-safe.
 */
final class BodyBudget {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Shares bytes;

    BodyBudget(Shares bytes) {
        this.bytes = bytes;
    }

    /** Before memory is allocated; who took it gives it back. */
    void take(Caller caller, long bodyBytes) throws RefusedException {
        if (!bytes.take(caller.identity(), bodyBytes)) {
            throw RefusedException.exhausted(
                    "OVERLOADED",
                    "requests are in memory here, at most %d bytes of one identity; try again later"
                            .formatted(bytes.share()),
                    RETRY_AFTER);
        }
    }

    void give(Caller caller, long bodyBytes) {
        bytes.give(caller.identity(), bodyBytes);
    }
}

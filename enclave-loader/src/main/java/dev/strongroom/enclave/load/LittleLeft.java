package dev.strongroom.enclave.load;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Says when little is left of a download: no more than came within the last three seconds. So
 * whoever waits for the rest waits about as long, and what is foretold was seen.
 *
 * <p>For one thread.
 */
final class LittleLeft {
    private static final Duration WINDOW = Duration.ofSeconds(3);

    private final LongSupplier nanos;
    private long begun;
    private long atBegin;

    /**
     * @param left bytes, now
     * @param nanos monotonic
     */
    LittleLeft(long left, LongSupplier nanos) {
        this.nanos = nanos;
        this.begun = nanos.getAsLong();
        this.atBegin = left;
    }

    /**
     * Looks; at every change.
     *
     * @param left bytes, now
     */
    boolean is(long left) {
        long now = nanos.getAsLong();
        if (now - begun >= WINDOW.toNanos()) {
            begun = now;
            atBegin = left;
        }
        return left <= atBegin - left;
    }
}

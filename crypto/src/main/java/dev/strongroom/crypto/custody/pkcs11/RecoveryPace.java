package dev.strongroom.crypto.custody.pkcs11;

import java.time.Duration;
import java.time.Instant;

/**
 * When the next recovery may be tried: at once after a token that served for a while, later and
 * later while attempts follow each other. Not thread-safe.
 */
final class RecoveryPace {
    static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    // A token that was lost again sooner than this has not really come back.
    static final Duration STEADY = Duration.ofMinutes(2);

    private Instant last = Instant.MIN;
    private Duration pause = Duration.ZERO;

    /** From when on an attempt may be made; the past if at once. */
    Instant next() {
        return last.equals(Instant.MIN) ? last : last.plus(pause);
    }

    /** An attempt is made now. */
    void attempt(Instant now) {
        boolean steady = last.equals(Instant.MIN) || now.isAfter(last.plus(STEADY));
        pause = steady ? FIRST_PAUSE : min(pause.multipliedBy(2), LONGEST_PAUSE);
        last = now;
    }

    /** An operator has done something about it: the next attempt may be made at once. */
    void reset() {
        last = Instant.MIN;
        pause = Duration.ZERO;
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}

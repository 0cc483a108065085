package dev.strongroom.vault.access;

import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Slows down whoever keeps failing: after so many failures in a window everything is refused until
 * the window ends. Successes cost nothing.
 *
 * <p>Thread-safe. Counts live in memory, at most one entry a tenant or principal.
 */
public final class FailureLimit {
    private record Window(Instant end, int failures) {}

    private final int allowed;
    private final Duration window;
    private final InstantSource clock;
    private final ConcurrentMap<String, Window> windows = new ConcurrentHashMap<>();

    public FailureLimit(int allowed, Duration window, InstantSource clock) {
        this.allowed = allowed;
        this.window = window;
        this.clock = clock;
    }

    /**
     * Refuses who has failed too often.
     *
     * @throws RefusedException TOO_MANY_FAILURES
     */
    public void check(String who) throws RefusedException {
        Window current = windows.get(who);
        if (current != null
                && current.failures() >= allowed
                && clock.instant().isBefore(current.end())) {
            throw new RefusedException(
                    Reason.TOO_MANY_FAILURES,
                    "too many refused attempts; the next one is accepted after " + current.end());
        }
    }

    /** Counts a failure. */
    public void failed(String who) {
        Instant now = clock.instant();
        windows.compute(
                who,
                (_, current) ->
                        current == null || !now.isBefore(current.end())
                                ? new Window(now.plus(window), 1)
                                : new Window(current.end(), current.failures() + 1));
    }
}

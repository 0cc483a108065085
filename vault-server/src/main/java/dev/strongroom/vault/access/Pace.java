package dev.strongroom.vault.access;

import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Bounds how often somebody may have the token do something that costs it much. A step that was
 * refused for another reason counts as well.
 *
 * <p>Thread-safe. Counts live in memory: one entry for each who, until its window has ended.
 */
public final class Pace {
    private static final int SWEPT_FROM = 10_000;

    private record Window(Instant end, int steps) {}

    private final String what;
    private final int allowed;
    private final Duration window;
    private final InstantSource clock;
    private final ConcurrentMap<String, Window> windows = new ConcurrentHashMap<>();

    /**
     * So many in each window.
     *
     * @param what for the refusal: "rotations of the import key"
     */
    public Pace(String what, int allowed, Duration window, InstantSource clock) {
        this.what = what;
        this.allowed = allowed;
        this.window = window;
        this.clock = clock;
    }

    /**
     * Counts one step.
     *
     * @throws RefusedException TOO_MANY_REQUESTS
     */
    public void step(String who) throws RefusedException {
        Instant now = clock.instant();
        if (windows.size() >= SWEPT_FROM) {
            windows.values().removeIf(ended -> !now.isBefore(ended.end()));
        }
        Window current =
                windows.compute(
                        who,
                        (_, before) ->
                                before == null || !now.isBefore(before.end())
                                        ? new Window(now.plus(window), 1)
                                        : new Window(before.end(), before.steps() + 1));
        if (current.steps() > allowed) {
            throw new RefusedException(
                    Reason.TOO_MANY_REQUESTS,
                    "%s of %s: at most %d in %s; the next one after %s"
                            .formatted(what, who, allowed, window, current.end()));
        }
    }
}

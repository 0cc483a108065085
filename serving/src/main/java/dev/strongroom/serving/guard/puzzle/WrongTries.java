package dev.strongroom.serving.guard.puzzle;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who sent wrong numbers, and how long none of his is looked at: guessing costs a hash here and
 * nothing there. Each doubles the time, up to a minute; a right one takes a wrong one back. Not
 * thread-safe.
 */
final class WrongTries {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final int MOST_DOUBLED = 6;
    private static final Duration KEPT = Duration.ofMinutes(10);

    private final Map<String, Tries> ofIdentity = new LinkedHashMap<>(); // the latest last
    private final int most;

    private record Tries(int wrong, long untilNanos) {}

    /**
     * @param most that are remembered; the oldest are forgotten first
     */
    WrongTries(int most) {
        this.most = most;
    }

    boolean any(String identity) {
        return ofIdentity.containsKey(identity);
    }

    /** Until he may try again; zero or less: now. */
    long waitNanos(String identity, long now) {
        Tries tries = ofIdentity.get(identity);
        return tries == null ? 0 : tries.untilNanos() - now;
    }

    void wrong(String identity, long now) {
        Tries before = ofIdentity.remove(identity);
        int wrong = before == null ? 1 : before.wrong() + 1;
        long wait = FIRST.toNanos() << Math.min(wrong - 1, MOST_DOUBLED);
        forget(now);
        ofIdentity.put(identity, new Tries(wrong, now + wait));
    }

    void right(String identity) {
        ofIdentity.computeIfPresent(
                identity,
                (_, tries) ->
                        tries.wrong() == 1
                                ? null
                                : new Tries(tries.wrong() - 1, tries.untilNanos()));
    }

    private void forget(long now) {
        Iterator<Tries> oldest = ofIdentity.values().iterator();
        while (oldest.hasNext()) {
            boolean over = now - oldest.next().untilNanos() > KEPT.toNanos();
            if (!over && ofIdentity.size() < most) {
                return;
            }
            oldest.remove();
        }
    }
}

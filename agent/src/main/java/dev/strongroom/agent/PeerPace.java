package dev.strongroom.agent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds how often a peer may do something, and how many peers at a time.
 *
 * <p>Thread-safe. Counts live in memory.
 */
final class PeerPace {
    private static final int MAX_PEERS = 10_000;

    private record Window(Instant end, int steps) {}

    private final int allowed;
    private final Duration window;
    private final InstantSource clock;
    private final Map<String, Window> windows = new HashMap<>();

    PeerPace(int allowed, Duration window, InstantSource clock) {
        this.allowed = allowed;
        this.window = window;
        this.clock = clock;
    }

    /** Counts a step; false when it is one too many. */
    synchronized boolean step(String peer) {
        Instant now = clock.instant();
        if (windows.size() >= MAX_PEERS) {
            windows.values().removeIf(each -> !now.isBefore(each.end()));
        }
        Window before = windows.get(peer);
        if (before == null && windows.size() >= MAX_PEERS) {
            return false;
        }
        Window current =
                before == null || !now.isBefore(before.end())
                        ? new Window(now.plus(window), 1)
                        : new Window(before.end(), Math.min(before.steps() + 1, allowed + 1));
        windows.put(peer, current);
        return current.steps() <= allowed;
    }

    /** Whether another step would be one too many. */
    synchronized boolean isExhausted(String peer) {
        Window current = windows.get(peer);
        return current != null
                && current.steps() >= allowed
                && clock.instant().isBefore(current.end());
    }
}

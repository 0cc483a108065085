package dev.strongroom.agent;

import java.util.HashMap;
import java.util.Map;

/**
 * Calls under way: so many in all, and few of one peer, who cannot take all the room.
 *
 * <p>Thread-safe.
 */
final class Room {
    private static final int MAX_CALLS = 8; // evidence and policies may be megabytes
    private static final int MAX_CALLS_OF_ONE = 2;

    private final Map<String, Integer> calls = new HashMap<>();
    private int all;

    /** Takes a place; false when there is none. */
    synchronized boolean enter(String peer) {
        int own = calls.getOrDefault(peer, 0);
        if (all >= MAX_CALLS || own >= MAX_CALLS_OF_ONE) {
            return false;
        }
        calls.put(peer, own + 1);
        all++;
        return true;
    }

    /** Gives back the place that was taken. */
    synchronized void leave(String peer) {
        calls.computeIfPresent(peer, (_, own) -> own > 1 ? own - 1 : null);
        all--;
    }
}

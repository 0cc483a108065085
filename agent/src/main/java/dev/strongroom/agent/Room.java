package dev.strongroom.agent;

import java.util.HashMap;
import java.util.Map;

/**
 * Calls under way: so many in all, half of them of one neighbourhood, and few of one peer, who
 * cannot take all the room.
 *
 * <p>Thread-safe.
 */
final class Room {
    private static final int MAX_CALLS = 8; // evidence and policies may be megabytes
    private static final int MAX_CALLS_OF_ONE = 2;

    private static final int MAX_CALLS_NEAR = 4;

    private final Map<String, Integer> calls = new HashMap<>();
    private final Map<String, Integer> near = new HashMap<>();
    private int all;

    /** Takes a place; false when there is none. */
    synchronized boolean enter(String peer) {
        int own = calls.getOrDefault(peer, 0);
        String neighbourhood = Peer.neighbourhood(peer);
        int neighbours = near.getOrDefault(neighbourhood, 0);
        if (all >= MAX_CALLS || neighbours >= MAX_CALLS_NEAR || own >= MAX_CALLS_OF_ONE) {
            return false;
        }
        calls.put(peer, own + 1);
        near.put(neighbourhood, neighbours + 1);
        all++;
        return true;
    }

    /** Gives back the place that was taken. */
    synchronized void leave(String peer) {
        oneLess(calls, peer);
        oneLess(near, Peer.neighbourhood(peer));
        all--;
    }

    private static void oneLess(Map<String, Integer> counts, String name) {
        counts.computeIfPresent(name, (_, count) -> count > 1 ? count - 1 : null);
    }
}

package dev.strongroom.agent;

import java.time.Duration;
import java.time.InstantSource;

/**
 * Bounds how often a peer may do something, and how often all of its neighbourhood together: who
 * has many addresses side by side gains little. A small share stays every peer's own, so that a bad
 * neighbour keeps nobody out; of these a neighbourhood has as many as an IPv4 network has
 * addresses, however many more it could have. What is refused takes nothing from anybody.
 *
 * <p>Thread-safe.
 */
final class PeerPace {
    private static final int NEIGHBOURS = 4; // a neighbourhood may do what so many peers may
    private static final int OWN_SHARE = 10; // of what a peer may, the part nobody takes from it
    private static final int SHARES = 256; // of a neighbourhood

    private final int allowed;
    private final int allowedNear;
    private final int ownShare;
    private final int allowedWithShares;
    private final Windows peers;
    private final Windows neighbourhoods;

    PeerPace(int allowed, Duration window, InstantSource clock) {
        this.allowed = allowed;
        this.allowedNear = allowed * NEIGHBOURS;
        this.ownShare = allowed / OWN_SHARE;
        this.allowedWithShares = allowedNear + SHARES * ownShare;
        this.peers = new Windows(window, clock);
        this.neighbourhoods = new Windows(window, clock);
    }

    /** Counts a step; false when it is one too many. */
    synchronized boolean step(String peer) {
        if (isExhausted(peer)) {
            return false;
        }
        peers.step(peer);
        neighbourhoods.step(Peer.neighbourhood(peer));
        return true;
    }

    /** Whether another step would be one too many. */
    synchronized boolean isExhausted(String peer) {
        int own = peers.steps(peer);
        int near = neighbourhoods.steps(Peer.neighbourhood(peer));
        return own >= allowed
                || near >= allowedWithShares
                || (near >= allowedNear && own >= ownShare);
    }
}

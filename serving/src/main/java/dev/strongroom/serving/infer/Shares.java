package dev.strongroom.serving.infer;

import java.util.HashMap;
import java.util.Map;

/**
 * An amount that many take from and of which nobody alone takes more than his share, so that there
 * is some left for others.
 *
 * <p>Thread-safe.
 */
public final class Shares {
    private final long whole;
    private final long share;
    private final Map<String, Long> held = new HashMap<>();
    private long taken;

    private Shares(long whole, long share) {
        this.whole = whole;
        this.share = share;
    }

    /** So much, half of it at most for one. */
    public static Shares halves(long whole) {
        return of(whole, whole - whole / 2);
    }

    /** So much, and that share of it at most for one. */
    static Shares of(long whole, long share) {
        return new Shares(whole, share);
    }

    /** The most that one alone may hold. */
    public long share() {
        return share;
    }

    /** True if it was there, and this one's share allows it; he gives it back. */
    public synchronized boolean take(String who, long amount) {
        long his = held.getOrDefault(who, 0L);
        if (amount > whole - taken || amount > share - his) {
            return false;
        }
        if (amount > 0) {
            taken += amount;
            held.put(who, his + amount);
        }
        return true;
    }

    /** Takes back what somebody took. */
    public synchronized void give(String who, long amount) {
        if (amount > 0) {
            taken -= amount;
            held.computeIfPresent(who, (_, his) -> his == amount ? null : his - amount);
        }
    }
}

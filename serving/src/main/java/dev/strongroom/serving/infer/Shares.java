package dev.strongroom.serving.infer;

import java.util.HashMap;
import java.util.Map;

/**
 * An amount that many identities take from and of which none alone, nor all of one tenant together,
 * takes more than its share, so that there is some left for others.
 *
 * <p>Thread-safe.
 */
public final class Shares {
    private final long whole;
    private final long part;
    private final long share;
    private final Map<String, Long> held = new HashMap<>();
    private final Map<String, Long> ofTenants = new HashMap<>(); // where they have parts
    private long taken;

    private Shares(long whole, long part, long share) {
        this.whole = whole;
        this.part = part;
        this.share = share;
    }

    /** So much, an equal part for each tenant (one at least), and half of that for an identity. */
    public static Shares halves(long whole, int tenants) {
        long part = Math.max(1, whole / tenants);
        return of(Math.max(whole, tenants), part, part - part / 2);
    }

    /** So much, that part of it at most for one tenant, and that share for one identity. */
    static Shares of(long whole, long part, long share) {
        return new Shares(whole, part, share);
    }

    /** The most that one identity may hold. */
    public long share() {
        return share;
    }

    /**
     * True if it was there, and the shares allow it; he gives it back.
     *
     * @param who an identity, {@code tenant/role/name}
     */
    public synchronized boolean take(String who, long amount) {
        long his = held.getOrDefault(who, 0L);
        if (amount > whole - taken || amount > share - his || !takeOfPart(who, amount)) {
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
            take(held, who, amount);
            if (hasParts()) {
                take(ofTenants, tenant(who), amount);
            }
        }
    }

    private static void take(Map<String, Long> from, String who, long amount) {
        from.computeIfPresent(who, (_, had) -> had == amount ? null : had - amount);
    }

    private boolean takeOfPart(String who, long amount) {
        if (!hasParts()) {
            return true;
        }
        String tenant = tenant(who);
        long theirs = ofTenants.getOrDefault(tenant, 0L);
        if (amount > part - theirs) {
            return false;
        }
        if (amount > 0) {
            ofTenants.put(tenant, theirs + amount);
        }
        return true;
    }

    private boolean hasParts() {
        return part < whole;
    }

    private static String tenant(String identity) {
        int end = identity.indexOf('/');
        return end < 0 ? identity : identity.substring(0, end);
    }
}

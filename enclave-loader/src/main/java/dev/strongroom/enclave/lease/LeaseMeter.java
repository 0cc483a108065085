package dev.strongroom.enclave.lease;

import dev.strongroom.crypto.format.Lease;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Counts a lease down: so many inferences, so much time. Time is up when either the wall clock or
 * the time elapsed since the lease came says so, since a host may turn its clock back; the count
 * does not depend on any clock.
 *
 * <p>Thread-safe.
 */
public final class LeaseMeter {
    /** What is left. */
    public enum State {
        OPEN,
        EXPIRED,
        USED_UP
    }

    private final Instant notAfter;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private final long lifeNanos;
    private final AtomicLong left;

    /**
     * Starts when the lease came.
     *
     * @param nanoTime monotonic, such as {@link System#nanoTime}
     */
    public LeaseMeter(Lease lease, InstantSource clock, LongSupplier nanoTime) {
        this.notAfter = lease.notAfter();
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
        this.lifeNanos = Duration.between(lease.issuedAt(), lease.notAfter()).toNanos();
        this.left = new AtomicLong(lease.maxInferences());
    }

    /** Takes one inference if there is one. */
    public State take() {
        if (timeIsUp()) {
            return State.EXPIRED;
        }
        long before = left.getAndUpdate(count -> Math.max(count - 1, 0));
        return before > 0 ? State.OPEN : State.USED_UP;
    }

    /** Looks without taking. */
    public State state() {
        if (timeIsUp()) {
            return State.EXPIRED;
        }
        return left.get() > 0 ? State.OPEN : State.USED_UP;
    }

    /** At most this long until {@link State#EXPIRED}. */
    public Duration remaining() {
        Duration byWall = Duration.between(clock.instant(), notAfter);
        Duration byElapsed = Duration.ofNanos(lifeNanos - (nanoTime.getAsLong() - startNanos));
        return byWall.compareTo(byElapsed) < 0 ? byWall : byElapsed;
    }

    private boolean timeIsUp() {
        return !remaining().isPositive();
    }
}

package dev.strongroom.enclave.lease;

import dev.strongroom.crypto.format.Lease;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * Counts a lease down: so many inferences, so much time. The host sets this machine's clock, so
 * time is up when any of three clocks says so: the wall clock; the time elapsed since the lease was
 * asked for; the latest time that the vault signed, and what elapsed since. Turning one back gains
 * nothing. The count depends on no clock. What has ended stays ended.
 *
 * <p>Thread-safe.
 */
public final class LeaseMeter {
    /** What is left. */
    public enum State {
        OPEN,
        EXPIRED,
        USED_UP,
        REVOKED
    }

    /**
     * One lease of the boot.
     *
     * @param askedNanos its time counts from here, so no delay of the answer makes it longer
     */
    private record Term(long seq, Instant notAfter, long askedNanos, long lifeNanos, long max) {}

    /** What the vault said the time was, and when that was heard. */
    private record Told(Instant time, long atNanos) {}

    private static final int LOW_PARTS = 4; // a quarter left is low

    private final InstantSource wall;
    private final LongSupplier nanos;
    private final AtomicLong left = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicReference<State> end = new AtomicReference<>(State.OPEN);
    private volatile Term term;
    private volatile Told told;
    private volatile Runnable whenLow = () -> {};

    /**
     * Starts with a boot's first lease.
     *
     * @param askedNanos reading of {@code nanos} from before the lease was asked for
     * @param nanos monotonic, such as {@link MonotonicClock#nanos}
     */
    public LeaseMeter(Lease first, long askedNanos, InstantSource wall, LongSupplier nanos) {
        this.wall = wall;
        this.nanos = nanos;
        this.term = term(first, askedNanos);
        this.told = new Told(first.issuedAt(), nanos.getAsLong());
        left.set(first.maxInferences());
    }

    private static Term term(Lease lease, long askedNanos) {
        return new Term(
                lease.seq(),
                lease.notAfter(),
                askedNanos,
                Duration.between(lease.issuedAt(), lease.notAfter()).toNanos(),
                lease.maxInferences());
    }

    /**
     * A lease takes the place of the one before, with its own time and count.
     *
     * @return false, and nothing changed, if what it renews has ended or it is no later lease
     */
    public synchronized boolean renewed(Lease lease, long askedNanos) {
        if (state() != State.OPEN || lease.seq() <= term.seq()) {
            return false;
        }
        told(lease.issuedAt());
        term = term(lease, askedNanos);
        left.set(lease.maxInferences());
        return true;
    }

    /** The vault signed that it is at least this late. */
    public synchronized void told(Instant vaultTime) {
        long now = nanos.getAsLong();
        if (vaultTime.isAfter(byVault(now))) {
            told = new Told(vaultTime, now);
        }
    }

    /** Ends the lease, whatever is left of it. */
    public void revoke() {
        end.compareAndSet(State.OPEN, State.REVOKED);
    }

    /** Takes one inference if there is one. */
    public State take() {
        State now = timed();
        if (now != State.OPEN) {
            return now;
        }
        long before = left.getAndUpdate(count -> Math.max(count - 1, 0));
        if (before <= 0) {
            return State.USED_UP;
        }
        answered.incrementAndGet();
        if (before == term.max() / LOW_PARTS) {
            whenLow.run();
        }
        return State.OPEN;
    }

    /** Looks without taking. */
    public State state() {
        State now = timed();
        if (now != State.OPEN) {
            return now;
        }
        return left.get() > 0 ? State.OPEN : State.USED_UP;
    }

    /** {@link #state} but for the count: whether an inference that was taken may be answered. */
    public State timed() {
        if (end.get() == State.OPEN && !remaining().isPositive()) {
            end.compareAndSet(State.OPEN, State.EXPIRED);
        }
        return Objects.requireNonNull(end.get());
    }

    /** Nothing is taken any more, not even by a renewal that is under way. */
    public State endUsedUp() {
        end.compareAndSet(State.OPEN, State.USED_UP);
        return Objects.requireNonNull(end.get());
    }

    /** At most this long until {@link State#EXPIRED}. */
    public Duration remaining() {
        Term current = term;
        long now = nanos.getAsLong();
        Duration byWall = Duration.between(wall.instant(), current.notAfter());
        Duration byElapsed = Duration.ofNanos(current.lifeNanos() - (now - current.askedNanos()));
        Duration byVault = Duration.between(byVault(now), current.notAfter());
        return min(byWall, min(byElapsed, byVault));
    }

    private Instant byVault(long now) {
        Told last = told;
        return last.time().plusNanos(now - last.atNanos());
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Number of the lease in force. */
    public long seq() {
        return term.seq();
    }

    /** Inferences taken under all leases of this boot. */
    public long answered() {
        return answered.get();
    }

    /** Runs this, quickly, when a lease has a quarter of its inferences left. */
    public void whenLow(Runnable action) {
        whenLow = action;
    }
}

package dev.strongroom.serving;

import dev.strongroom.crypto.format.Lease;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Tells apart the leases that a policy gives callers rows for. A renewal begins a period. A model
 * that leaves memory and comes back gets a lease too, and that one begins none before the lease
 * that the period began with would have ended: otherwise whoever calls one model for another to
 * leave would have rows without end. Thread-safe.
 */
final class BudgetPeriod {
    private final LongSupplier nanos;
    private long release = -1;
    private long lease = -1;
    private long period;
    private long untilNanos;

    /**
     * @param nanos of the monotonic clock
     */
    BudgetPeriod(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Until the period ends by itself. */
    synchronized Duration left() {
        return Duration.ofNanos(Math.max(0, untilNanos - nanos.getAsLong()));
    }

    /** The number of the period that a lease belongs to, which only becomes greater. */
    synchronized long of(Lease inForce) {
        if (inForce.auditLeaf() <= lease) {
            return period; // also of one that another lease has taken the place of
        }
        if (lease < 0 || inForce.releaseLeaf() == release || nanos.getAsLong() - untilNanos >= 0) {
            period = inForce.auditLeaf();
            untilNanos =
                    nanos.getAsLong()
                            + Duration.between(inForce.issuedAt(), inForce.notAfter()).toNanos();
        }
        lease = inForce.auditLeaf();
        release = inForce.releaseLeaf();
        return period;
    }
}

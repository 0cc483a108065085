package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.infer.RefusedException;
import java.time.Duration;
import java.util.Optional;

/**
 * Rows of all callers of this boot together, which no slice and no tier exceeds, whatever policies
 * come and go. Thread-safe.
 */
final class Caps {
    private long boot;
    private long leaseSeq;
    private long lease;

    /**
     * Takes rows under the caps in force.
     *
     * @param period of the lease in force
     */
    synchronized void take(long rows, LeasePeriod period, OutputPolicy.Caps inForce)
            throws RefusedException {
        require(rows, period, inForce);
        boot += rows;
        lease += rows;
    }

    /** As {@link #take}, and takes none. */
    synchronized void require(long rows, LeasePeriod period, OutputPolicy.Caps inForce)
            throws RefusedException {
        long seq = period.number();
        if (seq != leaseSeq) {
            leaseSeq = seq;
            lease = 0;
        }
        require(boot, rows, inForce.rowsPerBoot(), "boot", Optional.empty());
        require(lease, rows, inForce.rowsPerLease(), "lease", period.left());
    }

    private static void require(
            long spent, long rows, long cap, String what, Optional<Duration> left)
            throws RefusedException {
        if (rows > cap - spent) {
            throw RefusedException.exhausted(
                    "CAP_REACHED",
                    "this node may answer %d rows a %s; its owner's policy says so"
                            .formatted(cap, what),
                    left);
        }
    }
}

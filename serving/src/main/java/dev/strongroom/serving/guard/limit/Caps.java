package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;

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
     * @param seq of the lease in force
     */
    synchronized void take(long rows, long seq, OutputPolicy.Caps inForce) throws RefusedException {
        require(rows, seq, inForce);
        boot += rows;
        lease += rows;
    }

    /** As {@link #take}, and takes none. */
    synchronized void require(long rows, long seq, OutputPolicy.Caps inForce)
            throws RefusedException {
        if (seq != leaseSeq) {
            leaseSeq = seq;
            lease = 0;
        }
        require(boot, rows, inForce.rowsPerBoot(), "boot");
        require(lease, rows, inForce.rowsPerLease(), "lease");
    }

    private static void require(long spent, long rows, long cap, String what)
            throws RefusedException {
        if (rows > cap - spent) {
            throw new RefusedException(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "CAP_REACHED",
                    "this node may answer %d rows a %s; its owner's policy says so"
                            .formatted(cap, what));
        }
    }
}

package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;

/** Rows of all callers of this boot together, which no slice and no tier exceeds. Thread-safe. */
final class Caps {
    private final OutputPolicy.Caps caps;
    private long boot;
    private long leaseSeq;
    private long lease;

    Caps(OutputPolicy.Caps caps) {
        this.caps = caps;
    }

    synchronized void take(long rows, long seq) throws RefusedException {
        if (seq != leaseSeq) {
            leaseSeq = seq;
            lease = 0;
        }
        require(boot, rows, caps.rowsPerBoot(), "boot");
        require(lease, rows, caps.rowsPerLease(), "lease");
        boot += rows;
        lease += rows;
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

package dev.strongroom.enclave.lease;

import dev.strongroom.crypto.format.GuardMeasure;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * What holds against callers, which a node hears of in two ways: the answer to a renewal may be on
 * its way while the stream says something newer, and the other way round. Each way by itself is in
 * order; between them the vault's signed time decides.
 *
 * <p>Thread-safe.
 */
public final class LatestOrders {
    /** How a node hears. */
    enum Way {
        STREAM,
        RENEWAL
    }

    private final Consumer<List<GuardMeasure>> inForce;
    private Way last = Way.RENEWAL;
    private Instant at = Instant.MIN;

    /**
     * Before the first word.
     *
     * @param inForce gets each whole set that takes the place of the one before, one after the
     *     other; quick
     */
    public LatestOrders(Consumer<List<GuardMeasure>> inForce) {
        this.inForce = inForce;
    }

    /**
     * Takes a whole set, unless a later one was heard the other way.
     *
     * @param signedAt time of the vault's that it held at
     */
    synchronized void hear(Way way, Instant signedAt, List<GuardMeasure> all) {
        boolean isLater =
                way == last
                        || signedAt.isAfter(at)
                        || (way == Way.STREAM && signedAt.equals(at)); // it says all there is
        if (!isLater) {
            return;
        }
        last = way;
        at = signedAt;
        inForce.accept(all);
    }
}

package dev.strongroom.serving.access;

import dev.strongroom.attestation.Tee;
import dev.strongroom.serving.infer.ServingLimits;
import java.util.Set;

/**
 * What every transport of a node lets callers in by, and counts them with: one for all of them, so
 * that nobody gets more by coming over two.
 *
 * @param identity the attested TLS key, its certificate and the CAs of client certificates; new
 *     connections are judged by those of their moment
 * @param connections how long connections last, by the rules in force
 * @param tee said on every answer
 */
public record Door(
        LiveIdentity identity,
        Peers peers,
        Access access,
        CallSlots calls,
        Addresses addresses,
        LiveLimits connections,
        Tee tee) {
    private static final int CALLS_BESIDE_INFERENCES =
            32; // that arrive, and whose answers are read

    /**
     * Of a node.
     *
     * @param withdrawn client keys that count no more
     * @param tenants whose consumers and owners may call
     * @param limits of inferences, which bound the calls under way
     * @param connections how long connections last, and from where
     */
    public static Door of(
            LiveIdentity identity,
            WithdrawnKeys withdrawn,
            Set<String> tenants,
            Tee tee,
            ServingLimits limits,
            LiveLimits connections) {
        return new Door(
                identity,
                new Peers(identity::authorities, connections),
                new Access(tenants, withdrawn),
                new CallSlots(
                        limits.workers() + limits.queued() + CALLS_BESIDE_INFERENCES,
                        tenants.size()),
                new Addresses(limits.peers().connectionsPerAddress(), tenants),
                connections,
                tee);
    }
}

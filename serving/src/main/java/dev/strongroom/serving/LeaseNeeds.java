package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.enclave.lease.GuestLanes;
import dev.strongroom.enclave.lease.MonotonicClock;
import dev.strongroom.enclave.lease.NodeMemory;
import dev.strongroom.enclave.lease.VaultLink;
import dev.strongroom.serving.access.WithdrawnKeys;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import java.security.SecureRandom;

/**
 * What every lease of a process lives on.
 *
 * @param lanes to the platform
 * @param withdrawn filled by whichever lease hears of them
 * @param puzzles of all models: one thread checks, however many there are
 */
record LeaseNeeds(
        VaultLink vault,
        Digest pin,
        GuestLanes lanes,
        TrustAnchors anchors,
        NodeMemory memory,
        WithdrawnKeys withdrawn,
        PuzzleDesk puzzles,
        SecureRandom random) {
    /**
     * Of a process's start.
     *
     * @param guest that it runs in
     */
    static LeaseNeeds of(
            VaultLink vault,
            NodeConfig config,
            Guest guest,
            TrustAnchors anchors,
            NodeMemory memory) {
        var random = new SecureRandom();
        return new LeaseNeeds(
                vault,
                config.pin(),
                new GuestLanes(guest, MonotonicClock::nanos),
                anchors,
                memory,
                new WithdrawnKeys(),
                new PuzzleDesk(random, MonotonicClock::nanos, config.limits().patience()),
                random);
    }
}

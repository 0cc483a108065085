package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.enclave.lease.GuestLanes;
import dev.strongroom.enclave.lease.NodeMemory;
import dev.strongroom.enclave.lease.VaultLink;
import dev.strongroom.serving.access.WithdrawnKeys;
import dev.strongroom.serving.guard.limit.NodeRates;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * What every lease of one tenant lives on; all but its way to the vault is the process's.
 *
 * @param vault as the tenant's identity reaches it
 * @param owners whom this machine was launched for, seen by the tenant's owner, as the operator
 *     says; empty: the host data names the only one
 * @param agent {@code host:port} of the owner's agent
 * @param lanes to the platform
 * @param withdrawn filled by whichever lease hears of them
 * @param puzzles of all the tenant's models: one thread checks, however many there are
 * @param rates of callers and addresses at all of the tenant's models
 */
record LeaseNeeds(
        VaultLink vault,
        Digest pin,
        Optional<NodeOwners> owners,
        Optional<String> agent,
        GuestLanes lanes,
        TrustAnchors anchors,
        NodeMemory memory,
        WithdrawnKeys withdrawn,
        PuzzleDesk puzzles,
        NodeRates rates,
        SecureRandom random) {}

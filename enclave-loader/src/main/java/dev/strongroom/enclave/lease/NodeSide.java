package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.enclave.posture.Fit;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What a node asks for leases with, the same for all of a process.
 *
 * @param pin SHA-256 of the vault's ceremony key
 * @param fitness its level is what this node claims
 * @param owners whom this machine was launched for, as its operator says; its host data has to bear
 *     it out. Empty: one owner, whom the host data names
 * @param agent {@code host:port} of the owner's agent, for versions that may be split
 */
public record NodeSide(
        VaultLink vault,
        Digest pin,
        Guest guest,
        TrustAnchors anchors,
        Fit fitness,
        NodeMemory memory,
        InstantSource clock,
        SecureRandom random,
        Optional<NodeOwners> owners,
        Optional<String> agent) {
    /** Whom it was launched for, for a version of one of them. */
    NodeOwners ownersOf(Version version) throws LeaseException {
        Digest own = version.manifest().content().ownerId();
        NodeOwners launched = owners.orElseGet(() -> NodeOwners.alone(own));
        Integrity.require(launched.own().equals(own), "manifest: it is of another owner");
        return launched;
    }
}

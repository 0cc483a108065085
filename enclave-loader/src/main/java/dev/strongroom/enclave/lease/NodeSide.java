package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.Digest;
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
        Optional<String> agent) {}

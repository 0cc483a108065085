package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.ModelName;
import java.io.IOException;
import java.time.InstantSource;

/**
 * Asks the vault which versions there are, without a lease and without a key.
 *
 * <p>Thread-safe.
 */
public record VersionLookup(
        VaultLink vault, TrustAnchors anchors, NodeMemory memory, InstantSource clock) {
    /**
     * The version and policies that the vault has, verified to the owner.
     *
     * @param number 0 is the latest
     */
    public Version version(ModelName model, long number, Digest ownerId)
            throws LeaseException, IOException {
        return Version.verify(
                vault.version(model, number),
                ownerId,
                model,
                number,
                memory,
                new EvidenceVerifier(anchors, memory.collateral(), clock),
                clock.instant());
    }
}

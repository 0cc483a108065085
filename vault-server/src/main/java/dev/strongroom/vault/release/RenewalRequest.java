package dev.strongroom.vault.release;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.Posture;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import java.util.List;

/**
 * What a serving node asks and shows for a lease in the place of its last one.
 *
 * @param manifestDigest the seal that it has open
 * @param tlsSpki the key of its release
 */
public record RenewalRequest(
        byte[] nonce,
        byte[] nodeNonce,
        ModelName model,
        VersionId versionId,
        Digest manifestDigest,
        Evidence evidence,
        byte[] tlsSpki,
        byte[] bootId,
        Posture posture,
        List<Digest> coOwners,
        Digest releasePolicy,
        Digest outputPolicy,
        long lastCheckpointSize)
        implements NodeRequest {
    public RenewalRequest {
        coOwners = List.copyOf(coOwners);
    }
}

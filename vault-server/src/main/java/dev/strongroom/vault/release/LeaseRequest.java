package dev.strongroom.vault.release;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.Posture;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import java.util.List;

/**
 * What a node asks and shows; nothing in it is verified but sizes.
 *
 * @param nonce the vault's
 * @param nodeNonce the node's, which the lease repeats
 * @param kemSpki ephemeral RSA-3072 key that the data key shall be wrapped to
 * @param tlsSpki P-256 key of the node's TLS endpoint
 * @param tlsCsr PKCS#10 over it
 * @param posture what the node claims
 * @param coOwners owners that it was launched for beside the model's, as it says
 * @param releasePolicy digest of the release policy that the node saw
 * @param outputPolicy digest of the output policy that the node saw
 * @param lastCheckpointSize the consistency proof starts here; 0: none seen
 */
public record LeaseRequest(
        byte[] nonce,
        byte[] nodeNonce,
        ModelName model,
        VersionId versionId,
        Digest manifestDigest,
        Evidence evidence,
        byte[] kemSpki,
        byte[] tlsSpki,
        byte[] tlsCsr,
        byte[] bootId,
        Posture posture,
        List<Digest> coOwners,
        Digest releasePolicy,
        Digest outputPolicy,
        long lastCheckpointSize)
        implements NodeRequest {
    public LeaseRequest {
        coOwners = List.copyOf(coOwners);
    }
}

package dev.strongroom.agent;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.proto.v1.Policies;
import java.util.List;

/**
 * What a node asks and shows; nothing in it is verified but sizes.
 *
 * @param nonce the agent's
 * @param manifest encoded
 * @param policies as the vault gave them to the node
 * @param evidence encoded
 * @param kemSpki ephemeral RSA-3072 key that the part shall be encrypted to
 * @param tlsSpki P-256 key of the node's TLS endpoint
 * @param coOwners owners that it was launched for beside the model's, as it says
 */
record PartRequest(
        byte[] nonce,
        byte[] manifest,
        Policies policies,
        byte[] evidence,
        byte[] kemSpki,
        byte[] tlsSpki,
        byte[] bootId,
        Posture posture,
        List<Digest> coOwners) {
    PartRequest {
        coOwners = List.copyOf(coOwners);
    }
}

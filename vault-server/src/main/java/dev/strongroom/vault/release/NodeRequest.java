package dev.strongroom.vault.release;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.Posture;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import java.util.List;

/** What requests for a lease have in common; nothing in it is verified but sizes. */
public sealed interface NodeRequest permits LeaseRequest, RenewalRequest {
    /** The vault's, from the challenge that is answered. */
    byte[] nonce();

    /** The node's, which the lease repeats. */
    byte[] nodeNonce();

    ModelName model();

    VersionId versionId();

    Digest manifestDigest();

    Evidence evidence();

    /** P-256 key of the node's TLS endpoint. */
    byte[] tlsSpki();

    byte[] bootId();

    /** What the node claims. */
    Posture posture();

    /** Owners that the node was launched for beside the model's, as it says. */
    List<Digest> coOwners();

    /** Digest of the release policy that the node saw. */
    Digest releasePolicy();

    /** Digest of the output policy that the node saw. */
    Digest outputPolicy();

    /** The consistency proof starts here; 0: none seen. */
    long lastCheckpointSize();
}

package dev.strongroom.client;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.ServingKey;
import dev.strongroom.crypto.format.ModelName;
import java.time.Instant;

/**
 * What a node has proven: everything in it was verified.
 *
 * @param attested the evidence's claims and what it is bound to, the TLS key of the channel
 *     included
 * @param manifestDigest the version served, down to its seal
 * @param logIndex the leaf of the key's release in the audit log
 * @param leaseNotAfter until when the vault lets the node serve
 */
public record NodeProof(
        Attested<ServingKey> attested,
        ModelName model,
        long version,
        Digest manifestDigest,
        long logIndex,
        Instant leaseNotAfter) {}

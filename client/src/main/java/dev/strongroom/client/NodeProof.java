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
 * @param binding what ties the evidence to the channel
 * @param evidenceNotBefore the evidence was made after this moment: of the caller's clock when he
 *     asked for it, of the vault's when it came in the certificate
 * @param notRevokedAt when the vault last said that the node's lease is not revoked
 */
public record NodeProof(
        Attested<ServingKey> attested,
        ModelName model,
        long version,
        Digest manifestDigest,
        long logIndex,
        Instant leaseNotAfter,
        Binding binding,
        Instant evidenceNotBefore,
        Instant notRevokedAt) {
    /** What ties evidence to a TLS channel. */
    public enum Binding {
        /** The evidence names the peer's TLS key: nobody without that key is in between. */
        PEER_KEY,
        /**
         * It also answers for this very TLS session (RFC 9266, tls-exporter): nobody is in between,
         * not even with the node's TLS key.
         */
        TLS_EXPORTER
    }
}

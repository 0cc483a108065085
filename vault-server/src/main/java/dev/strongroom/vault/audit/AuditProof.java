package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import java.util.List;

/**
 * A leaf with the proof that a signed checkpoint covers it.
 *
 * @param leaf canonical bytes of the record
 * @param path RFC 6962 audit path, nearest first
 */
public record AuditProof(
        long leafIndex, byte[] leaf, List<Digest> path, SignedCheckpoint checkpoint) {}

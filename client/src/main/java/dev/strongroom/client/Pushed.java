package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import java.time.Instant;

/**
 * A version that the vault holds, with its countersignature and log entry verified.
 *
 * @param number what to call it; the version id is what is authenticated
 * @param logIndex the leaf of the commit in the audit log
 * @param trustLevel the vault's claim about its token
 */
public record Pushed(
        ModelName model,
        long number,
        VersionId versionId,
        Digest manifestDigest,
        long logIndex,
        int kekVersion,
        String trustLevel,
        long sealedBytes,
        Instant committedAt) {}

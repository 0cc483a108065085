package dev.strongroom.vault.store;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;

/**
 * One sealed file as the owner's signed manifest declares it.
 *
 * @param fileIndex its place in the manifest
 * @param bytes exactly how long it is
 * @param digest SHA-256 of the sealed bytes: its name in the store
 */
public record SealedObject(
        TenantName tenant, VersionId version, int fileIndex, long bytes, Digest digest) {}

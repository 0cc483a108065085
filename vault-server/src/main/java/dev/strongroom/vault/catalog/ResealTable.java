package dev.strongroom.vault.catalog;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * New seals of committed versions that are not complete yet. Every method works inside the caller's
 * transaction.
 */
public final class ResealTable {
    /**
     * One of them; the manifest is not verified.
     *
     * @param auditLeaf of the record that let it begin
     */
    public record Draft(byte[] manifest, Digest manifestDigest, long auditLeaf) {}

    private ResealTable() {}

    public static Optional<Draft> find(Handle handle, VersionId version) {
        return handle.createQuery(
                        "SELECT manifest, manifest_digest, audit_leaf FROM reseal"
                                + " WHERE version_id = :version")
                .bind("version", version.hex())
                .map((row, _) ->
                        new Draft(row.getBytes(1), new Digest(row.getString(2)), row.getLong(3)))
                .findOne();
    }

    /** Begins one, in the place of an earlier one of the same version. */
    public static void replace(
            Handle handle, VerifiedManifest manifest, byte[] encoded, Instant now, long auditLeaf) {
        VersionId version = manifest.content().versionId();
        delete(handle, version);
        handle.createUpdate(
                        "INSERT INTO reseal (version_id, manifest, manifest_digest, begun_at,"
                                + " audit_leaf) VALUES (:version, :manifest, :digest, :now, :leaf)")
                .bind("version", version.hex())
                .bind("manifest", encoded)
                .bind("digest", manifest.digest().hex())
                .bind("now", now.toEpochMilli())
                .bind("leaf", auditLeaf)
                .execute();
        for (SealedEntry file : manifest.seal().files()) {
            handle.createUpdate(
                            "INSERT INTO reseal_file (version_id, digest)"
                                    + " VALUES (:version, :digest) ON CONFLICT DO NOTHING")
                    .bind("version", version.hex())
                    .bind("digest", file.digest().hex())
                    .execute();
        }
    }

    public static void delete(Handle handle, VersionId version) {
        handle.createUpdate("DELETE FROM reseal WHERE version_id = :version")
                .bind("version", version.hex())
                .execute();
    }

    public static boolean isOpen(Handle handle, String versionId) {
        return handle.createQuery("SELECT 1 FROM reseal WHERE version_id = :version")
                .bind("version", versionId)
                .mapTo(Integer.class)
                .findFirst()
                .isPresent();
    }

    /** Forgets those that began before the limit. */
    public static int deleteBefore(Handle handle, Instant limit) {
        return handle.createUpdate("DELETE FROM reseal WHERE begun_at < :limit")
                .bind("limit", limit.toEpochMilli())
                .execute();
    }
}

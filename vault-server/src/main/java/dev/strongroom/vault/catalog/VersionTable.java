package dev.strongroom.vault.catalog;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Versions of models, unfinished and committed. Every method works inside the caller's transaction.
 */
public final class VersionTable {
    /** Whether anybody but its pusher sees the version. */
    public enum State {
        UPLOADING,
        COMMITTED
    }

    /**
     * One version as stored; the manifest is not verified.
     *
     * @param number 0 until the commit numbered it
     */
    public record Version(
            ModelName model,
            VersionId id,
            State state,
            byte[] manifest,
            Digest manifestDigest,
            long number,
            long sealedBytes) {}

    /** A committed version's commit. */
    public record Commit(Instant at, byte[] countersignature, long auditLeaf) {}

    /** A line of a listing. */
    public record Listed(Version version, int kekVersion, Instant committedAt) {}

    private VersionTable() {}

    public static Optional<Version> find(Handle handle, ModelName model, VersionId id) {
        return handle.createQuery(
                        "SELECT * FROM version WHERE version_id = :id"
                                + " AND tenant = :tenant AND model = :model")
                .bind("id", id.hex())
                .bind("tenant", model.tenant().value())
                .bind("model", model.name())
                .map((row, _) -> read(row))
                .findOne();
    }

    /** A committed version by number; 0 finds the latest. */
    public static Optional<Version> findCommitted(Handle handle, ModelName model, long number) {
        return handle.createQuery(
                        "SELECT * FROM version WHERE tenant = :tenant AND model = :model"
                                + " AND state = 'committed' AND (:number = 0 OR number = :number)"
                                + " ORDER BY number DESC LIMIT 1")
                .bind("tenant", model.tenant().value())
                .bind("model", model.name())
                .bind("number", number)
                .map((row, _) -> read(row))
                .findOne();
    }

    public static boolean idIsTaken(Handle handle, VersionId id) {
        return exists(handle, "SELECT 1 FROM version WHERE version_id = :value", id.hex());
    }

    /** True when another version has used, or announced, this import ciphertext. */
    public static boolean importIsTaken(Handle handle, Digest importDigest, VersionId id) {
        return handle
                .createQuery(
                        "SELECT version_id FROM version WHERE import_digest = :digest"
                                + " UNION SELECT version_id FROM import_seen WHERE digest = :digest")
                .bind("digest", importDigest.hex())
                .mapTo(String.class)
                .stream()
                .anyMatch(user -> !user.equals(id.hex()));
    }

    public static long countUnfinished(Handle handle, TenantName tenant) {
        return handle.createQuery(
                        "SELECT count(*) FROM version"
                                + " WHERE tenant = :tenant AND state = 'uploading'")
                .bind("tenant", tenant.value())
                .mapTo(Long.class)
                .one();
    }

    /** Sealed bytes of all versions of a tenant, unfinished ones included. */
    public static long sealedBytes(Handle handle, TenantName tenant) {
        return handle.createQuery(
                        "SELECT coalesce(sum(sealed_bytes), 0) FROM version WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .mapTo(Long.class)
                .one();
    }

    public static void insert(
            Handle handle, VerifiedManifest manifest, byte[] encoded, Instant now) {
        ModelName model = manifest.content().model();
        VersionId id = manifest.content().versionId();
        List<SealedEntry> files = manifest.seal().files();
        handle.createUpdate(
                        "INSERT INTO version (version_id, tenant, model, manifest, manifest_digest,"
                                + " import_digest, sealed_bytes, state, begun_at) VALUES (:id,"
                                + " :tenant, :model, :manifest, :digest, :import, :sealed,"
                                + " 'uploading', :now)")
                .bind("id", id.hex())
                .bind("tenant", model.tenant().value())
                .bind("model", model.name())
                .bind("manifest", encoded)
                .bind("digest", manifest.digest().hex())
                .bind("import", manifest.seal().importCiphertextDigest().hex())
                .bind("sealed", files.stream().mapToLong(SealedEntry::sealedBytes).sum())
                .bind("now", now.toEpochMilli())
                .execute();
        insertFiles(handle, id, files);
    }

    private static void insertFiles(Handle handle, VersionId id, List<SealedEntry> files) {
        for (int i = 0; i < files.size(); i++) {
            handle.createUpdate(
                            "INSERT INTO version_file (version_id, file_index, sealed_bytes,"
                                    + " digest) VALUES (:id, :index, :bytes, :digest)")
                    .bind("id", id.hex())
                    .bind("index", i)
                    .bind("bytes", files.get(i).sealedBytes())
                    .bind("digest", files.get(i).digest().hex())
                    .execute();
        }
    }

    /** Gives the version its number, the same one however often its commit is tried. */
    public static long number(Handle handle, Version version) {
        if (version.number() > 0) {
            return version.number();
        }
        ModelName model = version.model();
        long number =
                handle.createQuery(
                                "INSERT INTO version_number (tenant, model, last)"
                                        + " VALUES (:tenant, :model, 1) ON CONFLICT (tenant, model)"
                                        + " DO UPDATE SET last = last + 1 RETURNING last")
                        .bind("tenant", model.tenant().value())
                        .bind("model", model.name())
                        .mapTo(Long.class)
                        .one();
        handle.createUpdate("UPDATE version SET number = :number WHERE version_id = :id")
                .bind("number", number)
                .bind("id", version.id().hex())
                .execute();
        return number;
    }

    /** Remembers for ever that this version used this import ciphertext. */
    public static void rememberImport(Handle handle, Digest importDigest, VersionId version) {
        handle.createUpdate(
                        "INSERT INTO import_seen (digest, version_id) VALUES (:digest, :version)"
                                + " ON CONFLICT (digest) DO NOTHING")
                .bind("digest", importDigest.hex())
                .bind("version", version.hex())
                .execute();
    }

    /**
     * True when any version, this one included, has used this import ciphertext: what a new seal
     * must not.
     */
    public static boolean importWasUsed(Handle handle, Digest importDigest) {
        return exists(
                handle, "SELECT 1 FROM import_seen WHERE digest = :value", importDigest.hex());
    }

    /** Puts a new seal in the place of the old one. */
    public static void replaceSeal(
            Handle handle,
            VerifiedManifest manifest,
            byte[] encoded,
            byte[] countersignature,
            long auditLeaf) {
        VersionId id = manifest.content().versionId();
        handle.createUpdate(
                        "UPDATE version SET manifest = :manifest, manifest_digest = :digest,"
                                + " import_digest = :import, countersignature = :signature,"
                                + " audit_leaf = :leaf"
                                + " WHERE version_id = :id AND state = 'committed'")
                .bind("manifest", encoded)
                .bind("digest", manifest.digest().hex())
                .bind("import", manifest.seal().importCiphertextDigest().hex())
                .bind("signature", countersignature)
                .bind("leaf", auditLeaf)
                .bind("id", id.hex())
                .execute();
        handle.createUpdate("DELETE FROM version_file WHERE version_id = :id")
                .bind("id", id.hex())
                .execute();
        insertFiles(handle, id, manifest.seal().files());
    }

    /** Makes the version visible. */
    public static void commit(Handle handle, VersionId id, Commit commit) {
        int committed =
                handle.createUpdate(
                                "UPDATE version SET state = 'committed', committed_at = :at,"
                                        + " countersignature = :signature, audit_leaf = :leaf"
                                        + " WHERE version_id = :id AND state = 'uploading'")
                        .bind("at", commit.at().toEpochMilli())
                        .bind("signature", commit.countersignature())
                        .bind("leaf", commit.auditLeaf())
                        .bind("id", id.hex())
                        .execute();
        if (committed != 1) {
            throw new IllegalStateException("version " + id + ": expected state uploading");
        }
    }

    public static Commit commitOf(Handle handle, VersionId id) {
        return handle.createQuery(
                        "SELECT committed_at, countersignature, audit_leaf FROM version"
                                + " WHERE version_id = :id AND state = 'committed'")
                .bind("id", id.hex())
                .map((row, _) ->
                        new Commit(
                                Instant.ofEpochMilli(row.getLong(1)),
                                row.getBytes(2),
                                row.getLong(3)))
                .one();
    }

    /** Committed versions, of one tenant or of all ({@code %}). */
    public static List<Listed> list(Handle handle, String tenantPattern) {
        return handle.createQuery(
                        "SELECT version.*, wrapped_key.kek_version FROM version"
                                + " JOIN wrapped_key USING (version_id)"
                                + " WHERE state = 'committed' AND version.tenant LIKE :tenant"
                                + " ORDER BY version.tenant, model, number")
                .bind("tenant", tenantPattern)
                .map((row, _) ->
                        new Listed(
                                read(row),
                                row.getInt("kek_version"),
                                Instant.ofEpochMilli(row.getLong("committed_at"))))
                .list();
    }

    public static boolean isUnfinished(Handle handle, String versionId) {
        return exists(
                handle,
                "SELECT 1 FROM version WHERE version_id = :value AND state = 'uploading'",
                versionId);
    }

    public static boolean isReferenced(Handle handle, String tenant, String digest) {
        return exists(
                handle,
                "SELECT 1 FROM version_file JOIN version USING (version_id)"
                        + " WHERE digest = :value AND tenant = :tenant"
                        + " UNION ALL SELECT 1 FROM reseal_file JOIN version USING (version_id)"
                        + " WHERE digest = :value AND tenant = :tenant",
                digest,
                tenant);
    }

    /** How many versions of a tenant were begun before this time and are not committed. */
    public static long unfinishedBefore(Handle handle, TenantName tenant, Instant limit) {
        return handle.createQuery(
                        "SELECT count(*) FROM version WHERE tenant = :tenant"
                                + " AND state = 'uploading' AND begun_at < :limit")
                .bind("tenant", tenant.value())
                .bind("limit", limit.toEpochMilli())
                .mapTo(Long.class)
                .one();
    }

    /** Forgets unfinished versions that began before the limit; their numbers are spent. */
    public static int deleteUnfinishedBefore(Handle handle, Instant limit) {
        return handle.createUpdate(
                        "DELETE FROM version WHERE state = 'uploading' AND begun_at < :limit")
                .bind("limit", limit.toEpochMilli())
                .execute();
    }

    private static boolean exists(Handle handle, String sql, String value) {
        return handle.createQuery(sql)
                .bind("value", value)
                .mapTo(Integer.class)
                .findFirst()
                .isPresent();
    }

    private static boolean exists(Handle handle, String sql, String value, String tenant) {
        return handle.createQuery(sql)
                .bind("value", value)
                .bind("tenant", tenant)
                .mapTo(Integer.class)
                .findFirst()
                .isPresent();
    }

    private static Version read(ResultSet row) throws SQLException {
        return new Version(
                new ModelName(new TenantName(row.getString("tenant")), row.getString("model")),
                new VersionId(row.getString("version_id")),
                row.getString("state").equals("committed") ? State.COMMITTED : State.UPLOADING,
                row.getBytes("manifest"),
                new Digest(row.getString("manifest_digest")),
                row.getLong("number"),
                row.getLong("sealed_bytes"));
    }
}

package dev.strongroom.vault.catalog;

import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Wrapped data keys as the token authenticated them. The columns only find a record; what it says
 * counts, once the token has verified it. Every method works inside the caller's transaction.
 */
public final class WrappedKeyTable {
    /** A stored record, not verified. */
    public record Stored(VersionId version, byte[] record) {}

    private WrappedKeyTable() {}

    public static Optional<byte[]> find(Handle handle, VersionId version) {
        return handle.createQuery("SELECT record FROM wrapped_key WHERE version_id = :version")
                .bind("version", version.hex())
                .map((row, _) -> row.getBytes(1))
                .findOne();
    }

    public static void insert(
            Handle handle, VersionId version, TenantName tenant, int kekVersion, byte[] record) {
        handle.createUpdate(
                        "INSERT INTO wrapped_key (version_id, tenant, kek_version, record)"
                                + " VALUES (:version, :tenant, :kek, :record)")
                .bind("version", version.hex())
                .bind("tenant", tenant.value())
                .bind("kek", kekVersion)
                .bind("record", record)
                .execute();
    }

    /** Replaces a record that is still under the old key. */
    public static int replace(
            Handle handle, VersionId version, int fromKek, int toKek, byte[] record) {
        return handle.createUpdate(
                        "UPDATE wrapped_key SET record = :record, kek_version = :to"
                                + " WHERE version_id = :version AND kek_version = :from")
                .bind("record", record)
                .bind("to", toKek)
                .bind("version", version.hex())
                .bind("from", fromKek)
                .execute();
    }

    /** The next records under a key, in order of version id. */
    public static List<Stored> page(
            Handle handle, TenantName tenant, int kekVersion, String afterVersion, int limit) {
        return handle.createQuery(
                        "SELECT version_id, record FROM wrapped_key WHERE tenant = :tenant"
                                + " AND kek_version = :kek AND version_id > :after"
                                + " ORDER BY version_id LIMIT :limit")
                .bind("tenant", tenant.value())
                .bind("kek", kekVersion)
                .bind("after", afterVersion)
                .bind("limit", limit)
                .map((row, _) -> new Stored(new VersionId(row.getString(1)), row.getBytes(2)))
                .list();
    }

    public static long count(Handle handle, TenantName tenant, int kekVersion) {
        return handle.createQuery(
                        "SELECT count(*) FROM wrapped_key"
                                + " WHERE tenant = :tenant AND kek_version = :kek")
                .bind("tenant", tenant.value())
                .bind("kek", kekVersion)
                .mapTo(Long.class)
                .one();
    }
}

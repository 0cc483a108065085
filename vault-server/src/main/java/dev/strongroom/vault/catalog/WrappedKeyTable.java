package dev.strongroom.vault.catalog;

import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/**
 * Wrapped data keys as the token authenticated them. The columns only find a record; what it says
 * counts, once the token has verified it. Every method works inside the caller's transaction.
 */
public final class WrappedKeyTable {
    /**
     * A stored record, not verified.
     *
     * @param place where in the file its row is; rows that are taken in this order are near each
     *     other
     */
    public record Stored(long place, VersionId version, byte[] record) {
        /** The same row with another record. */
        public Stored with(byte[] other) {
            return new Stored(place, version, other);
        }
    }

    /** A stored record with all that its row says of it, not verified. */
    public record Row(
            long place, VersionId version, TenantName tenant, int kekVersion, byte[] record) {}

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

    /** Deletes the record of a seal that is replaced in the same transaction. */
    public static void delete(Handle handle, VersionId version) {
        handle.createUpdate("DELETE FROM wrapped_key WHERE version_id = :version")
                .bind("version", version.hex())
                .execute();
    }

    /**
     * Replaces records that are still under the old key; one that was re-sealed meanwhile is under
     * the new one already.
     *
     * @return those that were replaced
     */
    public static List<Stored> replace(
            Handle handle, List<Stored> records, int fromKek, int toKek) {
        int[] replaced = update(handle.getConnection(), records, fromKek, toKek);
        return IntStream.range(0, replaced.length)
                .filter(i -> replaced[i] == 1)
                .mapToObj(records::get)
                .toList();
    }

    /** By hand: a rotation spends as long in named parameters as in the rest of its writing. */
    private static int[] update(
            Connection connection, List<Stored> records, int fromKek, int toKek) {
        try (PreparedStatement update =
                connection.prepareStatement(
                        "UPDATE wrapped_key SET record = ?, kek_version = ?"
                                + " WHERE rowid = ? AND version_id = ? AND kek_version = ?")) {
            for (Stored stored : records) {
                update.setBytes(1, stored.record());
                update.setInt(2, toKek);
                update.setLong(3, stored.place());
                update.setString(4, stored.version().hex());
                update.setInt(5, fromKek);
                update.addBatch();
            }
            return update.executeBatch();
        } catch (SQLException e) {
            throw new IllegalStateException("wrapped keys were not replaced", e);
        }
    }

    /** Replaces records that are still the ones that were read. */
    public static void replaceUnchanged(
            Handle handle, List<Stored> read, List<byte[]> replacements) {
        var update =
                handle.prepareBatch(
                        "UPDATE wrapped_key SET record = :record WHERE rowid = :place"
                                + " AND version_id = :version AND record = :read");
        for (int i = 0; i < read.size(); i++) {
            Stored stored = read.get(i);
            update.bind("record", replacements.get(i))
                    .bind("place", stored.place())
                    .bind("version", stored.version().hex())
                    .bind("read", stored.record())
                    .add();
        }
        update.execute();
    }

    /** The newest records under a key, the last first. */
    public static List<Stored> newest(Handle handle, TenantName tenant, int kekVersion, int limit) {
        return handle.createQuery(
                        "SELECT rowid, version_id, record FROM wrapped_key WHERE tenant = :tenant"
                                + " AND kek_version = :kek ORDER BY rowid DESC LIMIT :limit")
                .bind("tenant", tenant.value())
                .bind("kek", kekVersion)
                .bind("limit", limit)
                .map((row, _) -> stored(row))
                .list();
    }

    private static Stored stored(ResultSet row) throws SQLException {
        return new Stored(row.getLong(1), new VersionId(row.getString(2)), row.getBytes(3));
    }

    /** The next records under a key, in order of their places; before the first is place 0. */
    public static List<Stored> page(
            Handle handle, TenantName tenant, int kekVersion, long after, int limit) {
        return handle.createQuery(
                        "SELECT rowid, version_id, record FROM wrapped_key WHERE tenant = :tenant"
                                + " AND kek_version = :kek AND rowid > :after"
                                + " ORDER BY rowid LIMIT :limit")
                .bind("tenant", tenant.value())
                .bind("kek", kekVersion)
                .bind("after", after)
                .bind("limit", limit)
                .map((row, _) -> stored(row))
                .list();
    }

    /**
     * The next records that are a tenant's by their row or name it in their bytes, whatever key
     * their row says they are under.
     */
    public static List<Row> pageOfAll(Handle handle, TenantName tenant, long after, int limit) {
        return handle.createQuery(
                        "SELECT rowid, version_id, tenant, kek_version, record FROM wrapped_key"
                                + " WHERE rowid > :after AND (tenant = :tenant"
                                + " OR instr(record, CAST(:tenant AS BLOB)) > 0)"
                                + " ORDER BY rowid LIMIT :limit")
                .bind("tenant", tenant.value())
                .bind("after", after)
                .bind("limit", limit)
                .map((row, _) ->
                        new Row(
                                row.getLong(1),
                                new VersionId(row.getString(2)),
                                new TenantName(row.getString(3)),
                                row.getInt(4),
                                row.getBytes(5)))
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

package dev.strongroom.vault.catalog;

import dev.strongroom.crypto.format.TenantName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * What the catalogue knows of key-encryption keys; the keys are in the token. Every method works
 * inside the caller's transaction.
 */
public final class KekTable {
    /** Life of a key-encryption key, in order. */
    public enum State {
        /** Announced in the audit log; the token may not have it yet. */
        PENDING,
        /** Wraps new records. */
        ACTIVE,
        /** Being emptied by a rotation. */
        RETIRING,
        /** Holds nothing; stays in the token until two people destroy it. */
        RETIRED,
        /** Its destruction is decided and logged; the token may still have it. */
        DESTROYING,
        /** Gone from the token for ever; its version is never made again. */
        DESTROYED;

        /** The name in the database and in answers. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One version of a tenant's key-encryption key.
     *
     * @param retiredLeaf where the log says that it was retired
     * @param destroyLeaf where the log says that its destruction was decided
     */
    public record Kek(
            int version,
            State state,
            Instant createdAt,
            Optional<Long> retiredLeaf,
            Optional<Long> destroyLeaf) {
        /** Whether the token must have it. */
        public boolean isNeeded() {
            return switch (state) {
                case ACTIVE, RETIRING, RETIRED -> true;
                case PENDING, DESTROYING, DESTROYED -> false;
            };
        }
    }

    private KekTable() {}

    public static List<Kek> all(Handle handle, TenantName tenant) {
        return handle.createQuery(
                        "SELECT * FROM kek LEFT JOIN kek_end USING (tenant, version)"
                                + " WHERE tenant = :tenant ORDER BY version")
                .bind("tenant", tenant.value())
                .map((row, _) -> read(row))
                .list();
    }

    private static Kek read(ResultSet row) throws SQLException {
        Optional<Long> retired = leaf(row, "retired_leaf");
        Optional<Long> destroy = leaf(row, "destroy_leaf");
        State state = State.valueOf(row.getString("state").toUpperCase(Locale.ROOT));
        if (destroy.isPresent()) {
            state = row.getInt("destroyed") == 1 ? State.DESTROYED : State.DESTROYING;
        }
        return new Kek(
                row.getInt("version"),
                state,
                Instant.ofEpochMilli(row.getLong("created_at")),
                retired,
                destroy);
    }

    private static Optional<Long> leaf(ResultSet row, String column) throws SQLException {
        long leaf = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(leaf);
    }

    /** One version, if the tenant ever had it. */
    public static Optional<Kek> find(Handle handle, TenantName tenant, int version) {
        return all(handle, tenant).stream().filter(kek -> kek.version() == version).findFirst();
    }

    /** The tenant's key in this state; there is at most one that is not retired. */
    public static Optional<Kek> in(Handle handle, TenantName tenant, State state) {
        return all(handle, tenant).stream().filter(kek -> kek.state() == state).findFirst();
    }

    public static void insertPending(Handle handle, TenantName tenant, int version, Instant now) {
        handle.createUpdate(
                        "INSERT INTO kek (tenant, version, state, created_at)"
                                + " VALUES (:tenant, :version, 'pending', :now)")
                .bind("tenant", tenant.value())
                .bind("version", version)
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /** Retires a key that was emptied, as the leaf at this index says. */
    public static void retire(Handle handle, TenantName tenant, int version, long leaf) {
        move(handle, tenant, version, State.RETIRING, State.RETIRED);
        handle.createUpdate(
                        "INSERT INTO kek_end (tenant, version, retired_leaf)"
                                + " VALUES (:tenant, :version, :leaf)")
                .bind("tenant", tenant.value())
                .bind("version", version)
                .bind("leaf", leaf)
                .execute();
    }

    /** Remembers that a retired key is to be destroyed, as the leaf at this index says. */
    public static void decideDestruction(Handle handle, TenantName tenant, int version, long leaf) {
        requireOne(
                tenant,
                version,
                handle.createUpdate(
                                "UPDATE kek_end SET destroy_leaf = :leaf WHERE tenant = :tenant"
                                        + " AND version = :version AND destroy_leaf IS NULL")
                        .bind("leaf", leaf)
                        .bind("tenant", tenant.value())
                        .bind("version", version)
                        .execute());
    }

    /** Remembers that the token has destroyed the key. */
    public static void destroyed(Handle handle, TenantName tenant, int version) {
        requireOne(
                tenant,
                version,
                handle.createUpdate(
                                "UPDATE kek_end SET destroyed = 1 WHERE tenant = :tenant"
                                        + " AND version = :version AND destroy_leaf IS NOT NULL")
                        .bind("tenant", tenant.value())
                        .bind("version", version)
                        .execute());
    }

    private static void requireOne(TenantName tenant, int version, int rows) {
        if (rows != 1) {
            throw new IllegalStateException("kek " + tenant + "/" + version + ": not as expected");
        }
    }

    public static void move(Handle handle, TenantName tenant, int version, State from, State to) {
        int moved =
                handle.createUpdate(
                                "UPDATE kek SET state = :to WHERE tenant = :tenant"
                                        + " AND version = :version AND state = :from")
                        .bind("to", to.label())
                        .bind("tenant", tenant.value())
                        .bind("version", version)
                        .bind("from", from.label())
                        .execute();
        if (moved != 1) {
            throw new IllegalStateException(
                    "kek " + tenant + "/" + version + ": expected state " + from.label());
        }
    }
}

package dev.strongroom.vault.catalog;

import dev.strongroom.crypto.format.TenantName;
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
        /** Holds nothing; stays in the token. */
        RETIRED;

        /** The name in the database and in answers. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One version of a tenant's key-encryption key. */
    public record Kek(int version, State state, Instant createdAt) {}

    private KekTable() {}

    public static List<Kek> all(Handle handle, TenantName tenant) {
        return handle.createQuery("SELECT * FROM kek WHERE tenant = :tenant ORDER BY version")
                .bind("tenant", tenant.value())
                .map((row, _) ->
                        new Kek(
                                row.getInt("version"),
                                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                                Instant.ofEpochMilli(row.getLong("created_at"))))
                .list();
    }

    /** The tenant's key in this state; each state but RETIRED has at most one. */
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

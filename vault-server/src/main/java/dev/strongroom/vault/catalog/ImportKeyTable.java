package dev.strongroom.vault.catalog;

import dev.strongroom.crypto.format.TenantName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * What the catalogue knows of tenants' import keys; the keys are in the token. Every method works
 * inside the caller's transaction.
 */
public final class ImportKeyTable {
    /** Whether the token has the key. */
    public enum State {
        /** Announced in the audit log; the token may not have it yet. */
        PENDING,
        READY
    }

    /**
     * One version.
     *
     * @param certificate the one last issued for it, as signed
     */
    public record ImportKey(
            int version, State state, Optional<byte[]> certificate, Instant createdAt) {}

    private ImportKeyTable() {}

    /** Lowest version first. */
    public static List<ImportKey> all(Handle handle, TenantName tenant) {
        return handle.createQuery(
                        "SELECT * FROM import_key WHERE tenant = :tenant ORDER BY version")
                .bind("tenant", tenant.value())
                .map((row, _) -> read(row))
                .list();
    }

    public static void insertPending(Handle handle, TenantName tenant, int version, Instant now) {
        handle.createUpdate(
                        "INSERT INTO import_key (tenant, version, state, created_at)"
                                + " VALUES (:tenant, :version, 'pending', :now)")
                .bind("tenant", tenant.value())
                .bind("version", version)
                .bind("now", now.toEpochMilli())
                .execute();
    }

    public static void markReady(Handle handle, TenantName tenant, int version) {
        handle.createUpdate(
                        "UPDATE import_key SET state = 'ready'"
                                + " WHERE tenant = :tenant AND version = :version")
                .bind("tenant", tenant.value())
                .bind("version", version)
                .execute();
    }

    public static void setCertificate(
            Handle handle, TenantName tenant, int version, byte[] certificate) {
        handle.createUpdate(
                        "UPDATE import_key SET certificate = :certificate"
                                + " WHERE tenant = :tenant AND version = :version")
                .bind("certificate", certificate)
                .bind("tenant", tenant.value())
                .bind("version", version)
                .execute();
    }

    private static ImportKey read(ResultSet row) throws SQLException {
        return new ImportKey(
                row.getInt("version"),
                row.getString("state").equals("ready") ? State.READY : State.PENDING,
                Optional.ofNullable(row.getBytes("certificate")),
                Instant.ofEpochMilli(row.getLong("created_at")));
    }
}

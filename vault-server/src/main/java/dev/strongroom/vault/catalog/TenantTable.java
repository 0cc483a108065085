package dev.strongroom.vault.catalog;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The tenants. Every method works inside the caller's transaction. */
public final class TenantTable {
    /** Whether a tenant's keys are in the token. */
    public enum State {
        /** Announced in the audit log; its keys may be missing. */
        PENDING,
        READY
    }

    /**
     * One tenant.
     *
     * @param ownerSpki SubjectPublicKeyInfo of its owner root, P-256
     * @param ownerId SHA-256 of it
     */
    public record Tenant(TenantName name, byte[] ownerSpki, Digest ownerId, State state) {}

    private TenantTable() {}

    public static Optional<Tenant> find(Handle handle, TenantName name) {
        return handle.createQuery("SELECT * FROM tenant WHERE name = :name")
                .bind("name", name.value())
                .map((row, _) -> read(row))
                .findOne();
    }

    /**
     * A tenant with its keys in place.
     *
     * @throws RefusedException TENANT_NOT_FOUND
     */
    public static Tenant require(Handle handle, TenantName name) throws RefusedException {
        return find(handle, name)
                .filter(tenant -> tenant.state() == State.READY)
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.TENANT_NOT_FOUND,
                                "no tenant "
                                        + name
                                        + "; an operator makes it with: strongroom tenant"
                                        + " create"));
    }

    public static List<TenantName> names(Handle handle) {
        return handle.createQuery("SELECT name FROM tenant WHERE state = 'ready' ORDER BY name")
                .map((row, _) -> new TenantName(row.getString(1)))
                .list();
    }

    public static void insertPending(
            Handle handle, TenantName name, byte[] ownerSpki, Instant now) {
        handle.createUpdate(
                        "INSERT INTO tenant (name, owner_spki, owner_id, state, created_at)"
                                + " VALUES (:name, :spki, :id, 'pending', :now)")
                .bind("name", name.value())
                .bind("spki", ownerSpki)
                .bind("id", Digest.sha256(ownerSpki).hex())
                .bind("now", now.toEpochMilli())
                .execute();
    }

    public static void markReady(Handle handle, TenantName name) {
        handle.createUpdate("UPDATE tenant SET state = 'ready' WHERE name = :name")
                .bind("name", name.value())
                .execute();
    }

    private static Tenant read(ResultSet row) throws SQLException {
        return new Tenant(
                new TenantName(row.getString("name")),
                row.getBytes("owner_spki"),
                new Digest(row.getString("owner_id")),
                row.getString("state").equals("ready") ? State.READY : State.PENDING);
    }
}

package dev.strongroom.vault.catalog;

import dev.strongroom.crypto.format.TenantName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Rotations of key-encryption keys, at most one unfinished one per tenant. Every method works
 * inside the caller's transaction.
 */
public final class RotationTable {
    /** What a rotation is doing. */
    public enum State {
        /** Goes on by itself, also after a restart. */
        RUNNING,
        /** Waits for somebody to resume it. */
        PAUSED,
        /** Cannot go on before something is put right; see the failure. */
        FAILED,
        /** Nothing is left under the old key, and it is retired. */
        FINISHED;

        /** The name in the database and in answers. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One rotation.
     *
     * @param sharePercent how much of the token's time it may take; 100 is all of it
     * @param moved records moved so far
     * @param total records to move when it began
     * @param failure stable reason of the last failure
     */
    public record Rotation(
            TenantName tenant,
            int from,
            int to,
            State state,
            int sharePercent,
            long moved,
            long total,
            Optional<String> failure,
            String startedBy,
            Instant startedAt,
            Optional<Instant> endedAt) {}

    private RotationTable() {}

    /** The tenant's latest. */
    public static Optional<Rotation> latest(Handle handle, TenantName tenant) {
        return handle.createQuery(
                        "SELECT * FROM rotation WHERE tenant = :tenant"
                                + " ORDER BY to_version DESC LIMIT 1")
                .bind("tenant", tenant.value())
                .map((row, _) -> read(row))
                .findOne();
    }

    /** Every rotation that a vault which starts goes on with. */
    public static List<Rotation> running(Handle handle) {
        return handle.createQuery("SELECT * FROM rotation WHERE state = 'running'")
                .map((row, _) -> read(row))
                .list();
    }

    public static void insert(Handle handle, Rotation rotation) {
        handle.createUpdate(
                        "INSERT INTO rotation (tenant, to_version, from_version, state, share,"
                                + " moved, total, started_by, started_at) VALUES (:tenant, :to,"
                                + " :from, :state, :share, :moved, :total, :by, :at)")
                .bind("tenant", rotation.tenant().value())
                .bind("to", rotation.to())
                .bind("from", rotation.from())
                .bind("state", rotation.state().label())
                .bind("share", rotation.sharePercent())
                .bind("moved", rotation.moved())
                .bind("total", rotation.total())
                .bind("by", rotation.startedBy())
                .bind("at", rotation.startedAt().toEpochMilli())
                .execute();
    }

    public static void addMoved(Handle handle, Rotation rotation, long records) {
        handle.createUpdate(
                        "UPDATE rotation SET moved = moved + :records"
                                + " WHERE tenant = :tenant AND to_version = :to")
                .bind("records", records)
                .bind("tenant", rotation.tenant().value())
                .bind("to", rotation.to())
                .execute();
    }

    /** Goes on with it, at this share from now on. */
    public static void resume(Handle handle, Rotation rotation, int sharePercent) {
        handle.createUpdate(
                        "UPDATE rotation SET state = 'running', share = :share, failure = NULL"
                                + " WHERE tenant = :tenant AND to_version = :to")
                .bind("share", sharePercent)
                .bind("tenant", rotation.tenant().value())
                .bind("to", rotation.to())
                .execute();
    }

    public static void pause(Handle handle, Rotation rotation) {
        set(handle, rotation, State.PAUSED, null, null);
    }

    public static void fail(Handle handle, Rotation rotation, String reason) {
        set(handle, rotation, State.FAILED, reason, null);
    }

    public static void finish(Handle handle, Rotation rotation, Instant now) {
        set(handle, rotation, State.FINISHED, null, now.toEpochMilli());
    }

    private static void set(
            Handle handle,
            Rotation rotation,
            State state,
            @Nullable String failure,
            @Nullable Long endedAt) {
        handle.createUpdate(
                        "UPDATE rotation SET state = :state, failure = :failure, ended_at = :ended"
                                + " WHERE tenant = :tenant AND to_version = :to")
                .bind("state", state.label())
                .bind("failure", failure)
                .bind("ended", endedAt)
                .bind("tenant", rotation.tenant().value())
                .bind("to", rotation.to())
                .execute();
    }

    private static Rotation read(ResultSet row) throws SQLException {
        long ended = row.getLong("ended_at");
        boolean hasEnded = !row.wasNull();
        return new Rotation(
                new TenantName(row.getString("tenant")),
                row.getInt("from_version"),
                row.getInt("to_version"),
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getInt("share"),
                row.getLong("moved"),
                row.getLong("total"),
                Optional.ofNullable(row.getString("failure")),
                row.getString("started_by"),
                Instant.ofEpochMilli(row.getLong("started_at")),
                hasEnded ? Optional.of(Instant.ofEpochMilli(ended)) : Optional.empty());
    }
}

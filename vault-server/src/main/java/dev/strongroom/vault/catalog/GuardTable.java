package dev.strongroom.vault.catalog;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What guards of nodes share. Every method works inside the caller's transaction. */
public final class GuardTable {
    private static final long DAYS_KEPT = 2;

    private GuardTable() {}

    /** A sealed state. */
    public record State(long seq, byte[] sealed) {}

    /** The latest day of a model that rows were taken of; earlier ones are over for good. */
    public static long latestDay(Handle handle, String model) {
        return handle.createQuery(
                        "SELECT coalesce(max(day), 0) FROM guard_day WHERE model = :model")
                .bind("model", model)
                .mapTo(Long.class)
                .one();
    }

    /** Rows that nodes took of a caller's day. */
    public static long taken(Handle handle, String model, long day, String caller) {
        return handle.createQuery(
                        "SELECT taken FROM guard_day"
                                + " WHERE model = :model AND day = :day AND caller = :caller")
                .bind("model", model)
                .bind("day", day)
                .bind("caller", caller)
                .mapTo(Long.class)
                .findOne()
                .orElse(0L);
    }

    /** Takes rows of a caller's day, and forgets days that are long over. */
    public static void take(Handle handle, String model, long day, String caller, long rows) {
        handle.createUpdate(
                        "INSERT INTO guard_day (model, day, caller, taken)"
                                + " VALUES (:model, :day, :caller, :rows)"
                                + " ON CONFLICT DO UPDATE SET taken = taken + :rows")
                .bind("model", model)
                .bind("day", day)
                .bind("caller", caller)
                .bind("rows", rows)
                .execute();
        handle.createUpdate("DELETE FROM guard_day WHERE model = :model AND day < :old")
                .bind("model", model)
                .bind("old", day - DAYS_KEPT)
                .execute();
    }

    /** The last state of a node. */
    public static Optional<State> state(Handle handle, String version, String node) {
        return handle.createQuery(
                        "SELECT seq, sealed FROM guard_state"
                                + " WHERE version_id = :version AND node = :node")
                .bind("version", version)
                .bind("node", node)
                .map((row, _) -> new State(row.getLong("seq"), row.getBytes("sealed")))
                .findOne();
    }

    /** Nodes that left states of a version, the newest first. */
    public static List<String> nodes(Handle handle, String version, int most) {
        return handle.createQuery(
                        "SELECT node FROM guard_state WHERE version_id = :version"
                                + " ORDER BY rowid DESC LIMIT :most")
                .bind("version", version)
                .bind("most", most)
                .mapTo(String.class)
                .list();
    }

    /** Keeps a state in place of the one before. */
    public static void save(Handle handle, String version, String node, State state) {
        handle.createUpdate(
                        "INSERT INTO guard_state (version_id, node, seq, sealed)"
                                + " VALUES (:version, :node, :seq, :sealed)"
                                + " ON CONFLICT DO UPDATE SET seq = :seq, sealed = :sealed")
                .bind("version", version)
                .bind("node", node)
                .bind("seq", state.seq())
                .bind("sealed", state.sealed())
                .execute();
    }
}

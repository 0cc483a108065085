package dev.strongroom.vault.catalog;

import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * The bytes of the audit tree's leaves and the last checkpoint that was shown to anybody. Every
 * method works inside the caller's transaction.
 */
public final class LeafTable {
    /**
     * One leaf.
     *
     * @param tenant whose decision it is; {@code -} for the whole vault's
     */
    public record Leaf(long index, String tenant, byte[] bytes) {}

    private LeafTable() {}

    public static void insert(Handle handle, Leaf leaf) {
        handle.createUpdate(
                        "INSERT INTO audit_leaf (leaf_index, tenant, leaf)"
                                + " VALUES (:index, :tenant, :leaf)")
                .bind("index", leaf.index())
                .bind("tenant", leaf.tenant())
                .bind("leaf", leaf.bytes())
                .execute();
    }

    public static Optional<Leaf> find(Handle handle, long index) {
        return handle.createQuery("SELECT * FROM audit_leaf WHERE leaf_index = :index")
                .bind("index", index)
                .map((row, _) -> new Leaf(index, row.getString("tenant"), row.getBytes("leaf")))
                .findOne();
    }

    /** Leaves of a range, in order. The caller closes the stream inside the transaction. */
    public static Stream<Leaf> range(Handle handle, long from, long to, String tenantPattern) {
        return handle
                .createQuery(
                        "SELECT * FROM audit_leaf WHERE leaf_index >= :from AND leaf_index < :to"
                                + " AND tenant LIKE :tenant ORDER BY leaf_index")
                .bind("from", from)
                .bind("to", to)
                .bind("tenant", tenantPattern)
                .map((row, _) ->
                        new Leaf(
                                row.getLong("leaf_index"),
                                row.getString("tenant"),
                                row.getBytes("leaf")))
                .stream();
    }

    /** The index that the next leaf gets. */
    public static long next(Handle handle) {
        return handle.createQuery("SELECT coalesce(max(leaf_index) + 1, 0) FROM audit_leaf")
                .mapTo(Long.class)
                .one();
    }

    public static long count(Handle handle) {
        return handle.createQuery("SELECT count(*) FROM audit_leaf").mapTo(Long.class).one();
    }

    /**
     * What speaks for the log as it stands.
     *
     * @param size leaves in it
     */
    public record Tail(long size, byte[] mac) {}

    public static Optional<Tail> tail(Handle handle) {
        return handle.createQuery("SELECT size, mac FROM audit_tail")
                .map((row, _) -> new Tail(row.getLong("size"), row.getBytes("mac")))
                .findOne();
    }

    public static void setTail(Handle handle, Tail tail) {
        handle.createUpdate(
                        "INSERT INTO audit_tail (only, size, mac) VALUES (1, :size, :mac)"
                                + " ON CONFLICT (only) DO UPDATE"
                                + " SET size = excluded.size, mac = excluded.mac")
                .bind("size", tail.size())
                .bind("mac", tail.mac())
                .execute();
    }

    public static Optional<String> checkpoint(Handle handle) {
        return handle.createQuery("SELECT note FROM checkpoint").mapTo(String.class).findOne();
    }

    public static void setCheckpoint(Handle handle, String note) {
        handle.createUpdate(
                        "INSERT INTO checkpoint (only, note) VALUES (1, :note)"
                                + " ON CONFLICT (only) DO UPDATE SET note = excluded.note")
                .bind("note", note)
                .execute();
    }
}

package dev.strongroom.vault.catalog;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** What is a decoy. Every method works inside the caller's transaction. */
public final class DecoyTable {
    private DecoyTable() {}

    /**
     * One decoy.
     *
     * @param id commits to the rest
     * @param subject as operators name it
     * @param mark what a request carries that touches it
     */
    public record Row(String id, String kind, String subject, String mark, byte[] salt) {}

    public static List<Row> all(Handle handle) {
        return handle.createQuery("SELECT * FROM decoy ORDER BY kind, subject")
                .map((row, _) ->
                        new Row(
                                row.getString("id"),
                                row.getString("kind"),
                                row.getString("subject"),
                                row.getString("mark"),
                                row.getBytes("salt")))
                .list();
    }

    public static void insert(Handle handle, Row row) {
        handle.createUpdate(
                        "INSERT INTO decoy (id, kind, subject, mark, salt)"
                                + " VALUES (:id, :kind, :subject, :mark, :salt)")
                .bind("id", row.id())
                .bind("kind", row.kind())
                .bind("subject", row.subject())
                .bind("mark", row.mark())
                .bind("salt", row.salt())
                .execute();
    }

    public static void delete(Handle handle, String id) {
        handle.createUpdate("DELETE FROM decoy WHERE id = :id").bind("id", id).execute();
    }
}

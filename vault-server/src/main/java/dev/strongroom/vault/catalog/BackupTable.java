package dev.strongroom.vault.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Copies of the database that are kept. Every method works inside the caller's transaction. */
public final class BackupTable {
    /**
     * One copy.
     *
     * @param name of its file
     * @param logSize leaves of the audit log in it
     * @param keks key-encryption keys that records in it are under, as tenant/version
     * @param leaf where the log says so, with the file's digest
     */
    public record Backup(
            String name,
            Instant createdAt,
            long bytes,
            long logSize,
            List<String> keks,
            long leaf) {
        public Backup {
            keks = List.copyOf(keks);
        }
    }

    private BackupTable() {}

    /** Oldest first. */
    public static List<Backup> all(Handle handle) {
        return handle.createQuery("SELECT * FROM backup ORDER BY leaf")
                .map((row, _) -> read(row))
                .list();
    }

    public static void insert(Handle handle, Backup backup) {
        handle.createUpdate(
                        "INSERT INTO backup (name, created_at, bytes, log_size, keks, leaf)"
                                + " VALUES (:name, :at, :bytes, :log, :keks, :leaf)")
                .bind("name", backup.name())
                .bind("at", backup.createdAt().toEpochMilli())
                .bind("bytes", backup.bytes())
                .bind("log", backup.logSize())
                .bind("keks", String.join(" ", backup.keks()))
                .bind("leaf", backup.leaf())
                .execute();
    }

    public static void delete(Handle handle, String name) {
        handle.createUpdate("DELETE FROM backup WHERE name = :name").bind("name", name).execute();
    }

    private static Backup read(ResultSet row) throws SQLException {
        String keks = row.getString("keks");
        return new Backup(
                row.getString("name"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                row.getLong("bytes"),
                row.getLong("log_size"),
                keks.isEmpty() ? List.of() : Arrays.asList(keks.split(" ")),
                row.getLong("leaf"));
    }
}

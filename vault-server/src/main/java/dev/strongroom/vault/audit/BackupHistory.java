package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Which copies of the database the log says are kept: those that were made but for the oldest ones
 * that were let go of. A row that was taken away hides no copy.
 *
 * <p>Thread-safe.
 */
public final class BackupHistory implements LogView {
    /**
     * One copy.
     *
     * @param logSize leaves of the log in it
     * @param leaf of the log that says so
     */
    public record Kept(String name, String digest, long logSize, long leaf) {}

    private final Deque<Kept> kept = new ArrayDeque<>();

    @Override
    public synchronized void add(AuditRecord record, long leaf) {
        if (!record.type().equals(AuditRecord.BACKUP_CREATED)) {
            return;
        }
        kept.addLast(
                new Kept(
                        LogView.field(record, "name"),
                        LogView.field(record, "digest"),
                        Long.parseLong(LogView.field(record, "log-size")),
                        leaf));
        for (int i = Integer.parseInt(LogView.field(record, "let-go")); i > 0; i--) {
            kept.pollFirst();
        }
    }

    /** Oldest first. */
    public synchronized List<Kept> kept() {
        return List.copyOf(kept);
    }
}

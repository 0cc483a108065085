package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who the log says touched a decoy and was not let in again.
 *
 * <p>Thread-safe. It agrees with the log inside a write transaction, since both change there.
 */
public final class Quarantines implements LogView {
    /**
     * One in force.
     *
     * @param identity URI
     * @param decoy id of what was touched
     * @param kind of it
     * @param method that it was touched with
     * @param source address of the caller
     * @param leaf that says so
     */
    public record Quarantine(
            String identity,
            String decoy,
            String kind,
            String method,
            String source,
            Instant since,
            long leaf) {}

    private final Map<String, Quarantine> inForce = new ConcurrentHashMap<>();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.DECOY_TOUCHED)) {
            inForce.putIfAbsent(LogView.field(record, "identity"), quarantine(record, leaf));
        } else if (record.type().equals(AuditRecord.QUARANTINE_LIFTED)) {
            inForce.remove(LogView.field(record, "identity"));
        }
    }

    private static Quarantine quarantine(AuditRecord record, long leaf) {
        return new Quarantine(
                LogView.field(record, "identity"),
                LogView.field(record, "decoy"),
                LogView.field(record, "kind"),
                LogView.field(record, "method"),
                LogView.field(record, "source"),
                record.time(),
                leaf);
    }

    /** The quarantine of an identity. */
    public Optional<Quarantine> find(String identity) {
        return Optional.ofNullable(inForce.get(identity));
    }

    /** All in force, oldest first. */
    public List<Quarantine> all() {
        return inForce.values().stream()
                .sorted(Comparator.comparingLong(Quarantine::leaf))
                .toList();
    }
}

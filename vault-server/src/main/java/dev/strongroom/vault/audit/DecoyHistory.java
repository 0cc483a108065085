package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which decoys the log says are planted, by ids that say nothing to whoever reads it.
 *
 * <p>Thread-safe.
 */
public final class DecoyHistory implements LogView {
    private final Set<String> planted = ConcurrentHashMap.newKeySet();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.DECOY_PLANTED)) {
            planted.add(LogView.field(record, "decoy"));
        } else if (record.type().equals(AuditRecord.DECOY_REMOVED)) {
            planted.remove(LogView.field(record, "decoy"));
        }
    }

    /** Ids of all that are planted now. */
    public Set<String> planted() {
        return Set.copyOf(planted);
    }
}

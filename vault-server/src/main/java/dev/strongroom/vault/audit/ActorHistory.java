package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who the log says ever did something.
 *
 * <p>Thread-safe.
 */
public final class ActorHistory implements LogView {
    private final Set<String> actors = ConcurrentHashMap.newKeySet();

    @Override
    public void add(AuditRecord record, long leaf) {
        actors.add(record.actor());
    }

    /**
     * Whether a record is of this one's doing.
     *
     * @param identity URI
     */
    public boolean has(String identity) {
        return actors.contains(identity);
    }
}

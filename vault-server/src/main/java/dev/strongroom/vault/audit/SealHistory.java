package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.VersionId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which seal of each version the log says is in force, where a node has sealed anew. Who can write
 * an earlier seal and its key record back into the catalogue cannot shorten a signed log.
 *
 * <p>Thread-safe. It agrees with the catalogue inside a write transaction, since both change there.
 */
public final class SealHistory implements LogView {
    private final Map<String, Digest> last = new ConcurrentHashMap<>();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.VERSION_RESEALED)) {
            last.put(
                    LogView.field(record, "version-id"),
                    new Digest(LogView.field(record, "manifest")));
        }
    }

    /** Digest of the newest manifest; empty while the owner's own seal is in force. */
    public Optional<Digest> newest(VersionId version) {
        return Optional.ofNullable(last.get(version.hex()));
    }
}

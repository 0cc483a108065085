package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ModelName;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which revision of each policy the log says is in force. The catalogue's table of policies is
 * believed only as far as it agrees: who can delete its newest row cannot shorten a signed log.
 *
 * <p>Thread-safe. It agrees with the table inside a write transaction, since both change there.
 */
public final class PolicyHistory implements LogView {
    /** One revision. */
    public record Revision(long seq, Digest digest) {}

    private record Key(String model, String kind) {}

    private final Map<Key, Revision> last = new ConcurrentHashMap<>();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.POLICY_SET)) {
            last.put(
                    new Key(LogView.field(record, "model"), LogView.field(record, "kind")),
                    new Revision(
                            Long.parseLong(LogView.field(record, "seq")),
                            new Digest(LogView.field(record, "digest"))));
        }
    }

    /** The revision set last; empty when none ever was. */
    public Optional<Revision> last(ModelName model, Kind kind) {
        return Optional.ofNullable(last.get(new Key(model.toString(), kind.toString())));
    }
}

package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.crypto.format.GuardMeasure.Whose;
import dev.strongroom.crypto.format.ModelName;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the log says people have guards hold against callers. Everybody has measures of his own:
 * whoever takes one back takes back no other's.
 *
 * <p>Thread-safe. It agrees with the log inside a write transaction, since both change there.
 */
public final class MeasureHistory implements LogView {
    /** Who said it of whom. */
    public record Key(ModelName model, Whose whose, String name, String by) {}

    /**
     * One in force.
     *
     * @param reason in the words of who took it
     * @param leaf that says so
     */
    public record Taken(Key key, GuardMeasure measure, String reason, Instant at, long leaf) {}

    private final Map<Key, Taken> inForce = new ConcurrentHashMap<>();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.GUARD_TIGHTENED)) {
            Taken taken = taken(record, leaf);
            inForce.put(taken.key(), taken);
        } else if (record.type().equals(AuditRecord.GUARD_LOOSENED)) {
            inForce.remove(key(record));
        }
    }

    private static Taken taken(AuditRecord record, long leaf) {
        Key key = key(record);
        Step step =
                Step.ofLabel(LogView.field(record, "step"))
                        .orElseThrow(() -> new IllegalArgumentException("step of a measure"));
        long policySeq = Long.parseLong(LogView.field(record, "policy-seq"));
        return new Taken(
                key,
                new GuardMeasure(key.whose(), key.name(), step, policySeq),
                LogView.field(record, "reason"),
                record.time(),
                leaf);
    }

    private static Key key(AuditRecord record) {
        return new Key(
                ModelName.parse(LogView.field(record, "model")),
                Whose.ofLabel(LogView.field(record, "whose"))
                        .orElseThrow(() -> new IllegalArgumentException("subject of a measure")),
                LogView.field(record, "name"),
                record.actor());
    }

    /** What somebody holds against a caller or group. */
    public Optional<Taken> find(Key key) {
        return Optional.ofNullable(inForce.get(key));
    }

    /** All of a model, oldest first. */
    public List<Taken> of(ModelName model) {
        return all().stream().filter(taken -> taken.key().model().equals(model)).toList();
    }

    /** All, oldest first. */
    public List<Taken> all() {
        return inForce.values().stream().sorted(Comparator.comparingLong(Taken::leaf)).toList();
    }
}

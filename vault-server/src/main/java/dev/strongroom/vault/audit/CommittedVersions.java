package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ModelName;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which versions the log says were ever committed. Who takes a row out of the catalogue does not
 * keep its nodes from being revoked.
 *
 * <p>Thread-safe.
 */
public final class CommittedVersions implements LogView {
    private final Map<String, Set<Long>> numbers = new ConcurrentHashMap<>();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.VERSION_COMMITTED)) {
            numbers.computeIfAbsent(
                            LogView.field(record, "model"), _ -> ConcurrentHashMap.newKeySet())
                    .add(Long.parseLong(LogView.field(record, "number")));
        }
    }

    /** True when any version of the model was. */
    public boolean has(ModelName model) {
        return numbers.containsKey(model.toString());
    }

    /** Whether a version is the last one of its model so far. */
    public boolean isLatest(ModelName model, long number) {
        return numbers.getOrDefault(model.toString(), Set.of()).stream()
                .noneMatch(other -> other > number);
    }

    /** True when this version of the model was. */
    public boolean has(ModelName model, long number) {
        return numbers.getOrDefault(model.toString(), Set.of()).contains(number);
    }
}

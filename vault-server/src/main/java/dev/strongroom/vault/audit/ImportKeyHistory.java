package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.TenantName;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many import keys the log says each tenant was given. Who can write the database cannot bring
 * an older one back into certificates.
 *
 * <p>Thread-safe. It agrees with the catalogue inside a write transaction.
 */
public final class ImportKeyHistory implements LogView {
    private static final int FIRST = 1;

    private final Map<TenantName, Integer> newest = new ConcurrentHashMap<>();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.TENANT_CREATED)) {
            newest.putIfAbsent(new TenantName(LogView.field(record, "tenant")), FIRST);
        } else if (record.type().equals(AuditRecord.IMPORT_KEY_CREATED)) {
            newest.put(
                    new TenantName(LogView.field(record, "tenant")),
                    Integer.parseInt(LogView.field(record, "version")));
        }
    }

    /** The newest version that was announced; 0 for a tenant that the log does not know. */
    public int newest(TenantName tenant) {
        return newest.getOrDefault(tenant, 0);
    }
}

package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.catalog.TenantTable.Tenant;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Whose statements count for a tenant, as the log says. Thread-safe. */
public final class TenantOwners implements LogView {
    private final Map<TenantName, Digest> owners = new ConcurrentHashMap<>();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.TENANT_CREATED)) {
            owners.putIfAbsent(
                    new TenantName(LogView.field(record, "tenant")),
                    new Digest(LogView.field(record, "owner")));
        }
    }

    /**
     * Refuses a name that the log knows already: its row was taken away.
     *
     * @throws RefusedException TENANT_NOT_AUTHENTIC
     */
    public void requireNew(TenantName name) throws RefusedException {
        if (owners.containsKey(name)) {
            throw new RefusedException(
                    Reason.TENANT_NOT_AUTHENTIC,
                    "the audit log names tenant "
                            + name
                            + ", the database does not; restore the database from a backup");
        }
    }

    /**
     * The row as it is, if its owner root is the one that the log says.
     *
     * @throws RefusedException TENANT_NOT_AUTHENTIC
     */
    public Tenant confirm(Tenant row) throws RefusedException {
        Digest stored = Digest.sha256(row.ownerSpki());
        if (!stored.equals(row.ownerId()) || !stored.equals(owners.get(row.name()))) {
            throw new RefusedException(
                    Reason.TENANT_NOT_AUTHENTIC,
                    "the stored owner root of tenant "
                            + row.name()
                            + " is not the one that the audit log names; restore the database from"
                            + " a backup");
        }
        return row;
    }
}

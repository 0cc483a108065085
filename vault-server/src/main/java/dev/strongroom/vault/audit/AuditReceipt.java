package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;

/**
 * Proof that a decision is durable in the log. Only {@link AuditLog} makes one, after the record is
 * on disk: what takes a receipt cannot happen unlogged.
 *
 * <p>Immutable and thread-safe.
 */
public final class AuditReceipt {
    private final long leafIndex;
    private final AuditRecord record;

    AuditReceipt(long leafIndex, AuditRecord record) {
        this.leafIndex = leafIndex;
        this.record = record;
    }

    /** Where the record is in the tree. */
    public long leafIndex() {
        return leafIndex;
    }

    public AuditRecord record() {
        return record;
    }
}

package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;

/**
 * Something that the vault knows because its log says so. Rows of the catalogue are believed only
 * as far as such a view agrees: who can write the database cannot write a signed log.
 */
interface LogView {
    /**
     * Takes the next record of the log, in order.
     *
     * @throws IllegalArgumentException if a record of the view's kind does not say what it must
     */
    void add(AuditRecord record);

    /** A field that the record must have. */
    static String field(AuditRecord record, String name) {
        String value = record.fields().get(name);
        if (value == null) {
            throw new IllegalArgumentException("audit record: expected field " + name);
        }
        return value;
    }
}

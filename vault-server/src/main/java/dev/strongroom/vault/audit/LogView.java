package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.AuditRecord;
import java.util.Map;

/**
 * Something that the vault knows because its log says so. Rows of the catalogue are believed only
 * as far as such a view agrees: who can write the database cannot write a signed log.
 */
interface LogView {
    /**
     * Takes the next record of the log, in order.
     *
     * @param leaf its index
     * @throws IllegalArgumentException if a record of the view's kind does not say what it must
     */
    void add(AuditRecord record, long leaf);

    /** A field that the record must have. */
    static String field(AuditRecord record, String name) {
        return field(record.fields(), name);
    }

    /** A field that must be among those of a record. */
    static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("audit record: expected field " + name);
        }
        return value;
    }
}

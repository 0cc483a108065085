package dev.strongroom.vault.audit;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the vault decided, before the log gives it time and place.
 *
 * @param type stable name of the event, one of {@link dev.strongroom.crypto.format.AuditRecord}'s
 * @param actor who caused it
 * @param tenant whose it is; {@code -} for the whole vault's
 * @param fields by stable names; never secrets or content
 */
public record Decision(String type, String actor, String tenant, SortedMap<String, String> fields) {
    /** The actor of what the vault does by itself. */
    public static final String VAULT = "vault";

    public Decision {
        fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }

    public static Decision of(String type, String actor, String tenant) {
        return new Decision(type, actor, tenant, new TreeMap<>());
    }

    /** The same with one more field. */
    public Decision with(String name, Object value) {
        var more = new TreeMap<>(fields);
        more.put(name, value.toString());
        return new Decision(type, actor, tenant, more);
    }
}

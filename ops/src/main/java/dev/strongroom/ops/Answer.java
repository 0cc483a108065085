package dev.strongroom.ops;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The data that a command answers with, before it is decided how to print it. */
sealed interface Answer {
    /** One thing with named fields: strings, numbers, booleans, lists and maps of them. */
    record One(SequencedMap<String, Object> fields) implements Answer {}

    /**
     * A list of things with the same fields.
     *
     * @param name the list's field in JSON
     */
    record Many(String name, List<SequencedMap<String, Object>> rows) implements Answer {}

    /** Builds fields in the order they are shown. */
    final class Fields {
        private final SequencedMap<String, Object> fields = new LinkedHashMap<>();

        Fields with(String name, Object value) {
            fields.put(name, value);
            return this;
        }

        One one() {
            return new One(fields);
        }

        SequencedMap<String, Object> row() {
            return fields;
        }
    }

    static Fields with(String name, Object value) {
        return new Fields().with(name, value);
    }

    static Many many(String name, List<Fields> rows) {
        var maps = new ArrayList<SequencedMap<String, Object>>();
        rows.forEach(row -> maps.add(row.row()));
        return new Many(name, maps);
    }
}

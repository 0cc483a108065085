package dev.strongroom.crypto.custody.pkcs11;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Attributes of an object: what it shall be made with, found by or checked against. An attribute
 * appears once; giving it again replaces the value.
 *
 * <p>Not thread-safe.
 */
final class Template {
    static final long CK_ATTRIBUTE_BYTES = 24; // type, pointer, length

    private sealed interface Value {
        record Bytes(byte[] bytes) implements Value {}

        record Nested(Template template) implements Value {}
    }

    /** SoftHSM2 applies a template in its order and, once MODIFIABLE is false, takes no more. */
    private static final Comparator<Long> MODIFIABLE_LAST =
            Comparator.comparing((Long type) -> type == Ck.CKA_MODIFIABLE)
                    .thenComparing(Comparator.naturalOrder());

    private final Map<Long, Value> attributes = new TreeMap<>(MODIFIABLE_LAST);

    Template yes(long type) {
        return bytes(type, new byte[] {1});
    }

    Template no(long... types) {
        for (long type : types) {
            bytes(type, new byte[] {0});
        }
        return this;
    }

    Template number(long type, long value) {
        return bytes(type, encode(value));
    }

    Template text(long type, String value) {
        return bytes(type, value.getBytes(StandardCharsets.UTF_8));
    }

    Template bytes(long type, byte[] value) {
        attributes.put(type, new Value.Bytes(value.clone()));
        return this;
    }

    Template nested(long type, Template template) {
        attributes.put(type, new Value.Nested(template));
        return this;
    }

    Template and(Template other) {
        attributes.putAll(other.attributes);
        return this;
    }

    Template without(long type) {
        attributes.remove(type);
        return this;
    }

    /** A copy that lacks these attributes, in nested templates as well. */
    Template without(Set<Long> types) {
        var copy = new Template();
        attributes.forEach((type, value) -> {
            if (!types.contains(type)) {
                copy.attributes.put(type, without(value, types));
            }
        });
        return copy;
    }

    private static Value without(Value value, Set<Long> types) {
        return switch (value) {
            case Value.Bytes bytes -> bytes;
            case Value.Nested(Template template) -> new Value.Nested(template.without(types));
        };
    }

    int size() {
        return attributes.size();
    }

    /** An array of CK_ATTRIBUTE; lives as long as the arena. */
    MemorySegment allocate(Arena arena) {
        MemorySegment array = arena.allocate(CK_ATTRIBUTE_BYTES * size(), Long.BYTES);
        long offset = 0;
        for (var attribute : attributes.entrySet()) {
            MemorySegment value =
                    switch (attribute.getValue()) {
                        case Value.Bytes(byte[] bytes) -> arena.allocateFrom(JAVA_BYTE, bytes);
                        case Value.Nested(Template template) -> template.allocate(arena);
                    };
            array.set(JAVA_LONG, offset, attribute.getKey());
            array.set(ADDRESS, offset + 8, value);
            array.set(JAVA_LONG, offset + 16, value.byteSize());
            offset += CK_ATTRIBUTE_BYTES;
        }
        return array;
    }

    /** The attributes with a plain value, by type. */
    Map<Long, byte[]> plain() {
        Map<Long, byte[]> plain = new TreeMap<>();
        attributes.forEach((type, value) -> {
            if (value instanceof Value.Bytes(byte[] bytes)) {
                plain.put(type, bytes);
            }
        });
        return plain;
    }

    /** The attributes whose value is a template, by type. */
    Map<Long, Template> nested() {
        Map<Long, Template> nested = new TreeMap<>();
        attributes.forEach((type, value) -> {
            if (value instanceof Value.Nested(Template template)) {
                nested.put(type, template);
            }
        });
        return nested;
    }

    static byte[] encode(long number) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(number)
                .array();
    }
}

package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members of one JSON object, each read as the type it must have. Members that nobody asks for
 * are passed over: Intel adds some within a version, and signs them all.
 */
final class JsonFields {
    private static final int TIME_LENGTH = "2026-11-22T12:00:00Z".length();

    private final String path;
    private final Map<?, ?> members;

    private JsonFields(String path, Map<?, ?> members) {
        this.path = path;
        this.members = members;
    }

    static JsonFields of(String what, byte[] json, int maxBytes) throws TdxFormatException {
        try {
            if (Json.parse(what, json, maxBytes) instanceof Map<?, ?> members) {
                return new JsonFields(what, members);
            }
        } catch (MalformedEncodingException e) {
            throw new TdxFormatException(String.valueOf(e.getMessage()));
        }
        throw new TdxFormatException(what + ": expected an object");
    }

    boolean has(String name) {
        return members.containsKey(name);
    }

    String text(String name) throws TdxFormatException {
        if (member(name) instanceof String text) {
            return text;
        }
        throw malformed(name, "text");
    }

    void requireText(String name, String expected) throws TdxFormatException {
        if (!text(name).equals(expected)) {
            throw malformed(name, expected);
        }
    }

    int number(String name, int max) throws TdxFormatException {
        if (member(name) instanceof Long number && number <= max) {
            return number.intValue();
        }
        throw malformed(name, "a number from 0 to " + max);
    }

    void requireNumber(String name, int expected) throws TdxFormatException {
        if (number(name, Integer.MAX_VALUE) != expected) {
            throw malformed(name, Integer.toString(expected));
        }
    }

    byte[] hex(String name, int bytes) throws TdxFormatException {
        String text = text(name);
        if (text.length() == 2 * bytes) {
            try {
                return HexFormat.of().parseHex(text);
            } catch (IllegalArgumentException e) {
                // no hex: refused like hex of another length
            }
        }
        throw malformed(name, bytes + " bytes in hex");
    }

    Instant time(String name) throws TdxFormatException {
        String text = text(name);
        if (text.length() == TIME_LENGTH) {
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                // no time: refused like one of another precision
            }
        }
        throw malformed(name, "a time like 2026-11-22T12:00:00Z");
    }

    TcbStatus status(String name) throws TdxFormatException {
        return TcbStatus.ofLabel(text(name)).orElseThrow(() -> malformed(name, "a TCB status"));
    }

    JsonFields object(String name) throws TdxFormatException {
        if (member(name) instanceof Map<?, ?> object) {
            return new JsonFields(path + "." + name, object);
        }
        throw malformed(name, "an object");
    }

    /** The objects of an array of {@code min} to {@code max}. */
    List<JsonFields> objects(String name, int min, int max) throws TdxFormatException {
        var objects = new ArrayList<JsonFields>();
        for (Object element : array(name, min, max)) {
            if (!(element instanceof Map<?, ?> object)) {
                throw malformed(name, "objects");
            }
            objects.add(new JsonFields(path + "." + name + "[" + objects.size() + "]", object));
        }
        return objects;
    }

    /** The texts of an array that may be missing. */
    List<String> texts(String name, int max) throws TdxFormatException {
        var texts = new ArrayList<String>();
        for (Object element : has(name) ? array(name, 0, max) : List.of()) {
            if (!(element instanceof String text)) {
                throw malformed(name, "texts");
            }
            texts.add(text);
        }
        return texts;
    }

    private List<?> array(String name, int min, int max) throws TdxFormatException {
        if (member(name) instanceof List<?> array && array.size() >= min && array.size() <= max) {
            return array;
        }
        throw malformed(name, "an array of " + min + " to " + max);
    }

    private @Nullable Object member(String name) {
        return members.get(name);
    }

    private TdxFormatException malformed(String name, String expected) {
        return new TdxFormatException(path + "." + name + ": expected " + expected);
    }
}

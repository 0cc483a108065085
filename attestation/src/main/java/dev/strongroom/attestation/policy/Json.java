package dev.strongroom.attestation.policy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the part of JSON that a policy needs: objects, arrays, strings without escapes of control
 * characters, booleans, non-negative integers. Strict: duplicate keys, floats, null, deep nesting,
 * more than 4096 values and anything after the document are refused.
 *
 * <p>Values are {@code Map<String, Object>}, {@code List<Object>}, {@code String}, {@code Long} or
 * {@code Boolean}. Used by one thread.
 */
final class Json {
    static final int MAX_BYTES = 64 * 1024; // a policy that names 500 measurements is 50 KiB
    private static final int MAX_DEPTH = 12; // nesting of a readable policy is 4
    private static final int MAX_VALUES = 4096;

    private final String text;
    private int at;
    private int values;

    private Json(String text) {
        this.text = text;
    }

    static Object parse(byte[] utf8) throws PolicyFormatException {
        if (utf8.length > MAX_BYTES) {
            throw new PolicyFormatException("policy: at most " + MAX_BYTES + " bytes");
        }
        String text;
        try {
            // a fresh decoder reports malformed input instead of replacing it
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new PolicyFormatException("policy: expected UTF-8");
        }
        var json = new Json(text);
        Object value = json.value(0);
        json.skipSpace();
        if (json.at != text.length()) {
            throw json.expected("the end");
        }
        return value;
    }

    private Object value(int depth) throws PolicyFormatException {
        if (depth > MAX_DEPTH || ++values > MAX_VALUES) {
            throw expected("at most " + MAX_DEPTH + " levels and " + MAX_VALUES + " values");
        }
        skipSpace();
        char next = peek();
        return switch (next) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            default -> integer();
        };
    }

    private Map<String, Object> object(int depth) throws PolicyFormatException {
        var members = new LinkedHashMap<String, Object>();
        take('{');
        if (!takeIf('}')) {
            do {
                skipSpace();
                String key = string();
                take(':');
                if (members.put(key, value(depth + 1)) != null) {
                    throw expected("no key twice");
                }
            } while (takeIf(','));
            take('}');
        }
        return members;
    }

    private List<Object> array(int depth) throws PolicyFormatException {
        var elements = new ArrayList<Object>();
        take('[');
        if (!takeIf(']')) {
            do {
                elements.add(value(depth + 1));
            } while (takeIf(','));
            take(']');
        }
        return elements;
    }

    private String string() throws PolicyFormatException {
        take('"');
        int start = at;
        while (peek() != '"') {
            if (peek() < 0x20 || peek() > 0x7e || peek() == '\\') {
                throw expected("printable ASCII without escapes");
            }
            at++;
        }
        return text.substring(start, at++);
    }

    private Boolean literal(String word, boolean value) throws PolicyFormatException {
        if (!text.startsWith(word, at)) {
            throw expected("a value");
        }
        at += word.length();
        return value;
    }

    private Long integer() throws PolicyFormatException {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        int digits = at - start;
        if (digits == 0 || digits > 18 || (digits > 1 && text.charAt(start) == '0')) {
            throw expected("an object, array, string, boolean or integer");
        }
        return Long.valueOf(text.substring(start, at));
    }

    private void take(char expected) throws PolicyFormatException {
        if (!takeIf(expected)) {
            throw expected("'" + expected + "'");
        }
    }

    private boolean takeIf(char expected) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == expected) {
            at++;
            return true;
        }
        return false;
    }

    private char peek() throws PolicyFormatException {
        if (at >= text.length()) {
            throw expected("more");
        }
        return text.charAt(at);
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private PolicyFormatException expected(String what) {
        return new PolicyFormatException("policy at character " + at + ": expected " + what);
    }
}

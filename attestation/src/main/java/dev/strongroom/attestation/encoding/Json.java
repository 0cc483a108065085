package dev.strongroom.attestation.encoding;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the part of JSON that policies and evidence need: objects, arrays, strings without escapes
 * of control characters, booleans, non-negative integers. Strict: duplicate keys, floats, null,
 * deep nesting, more than 4096 values and anything after the document are refused.
 *
 * <p>Values are {@code Map<String, Object>}, {@code List<Object>}, {@code String}, {@code Long} or
 * {@code Boolean}. Used by one thread.
 */
public final class Json {
    private static final int MAX_DEPTH = 12; // the deepest document so far has 5 levels
    private static final int MAX_VALUES = 4096;

    private final String what;
    private final String text;
    private int at;
    private int values;

    private Json(String what, String text) {
        this.what = what;
        this.text = text;
    }

    /**
     * Reads one document.
     *
     * @param what the document's name in messages
     * @param maxBytes refused above
     */
    public static Object parse(String what, byte[] utf8, int maxBytes)
            throws MalformedEncodingException {
        Json json = open(what, utf8, maxBytes);
        Object value = json.value(0);
        json.requireEnd();
        return value;
    }

    /**
     * Reads a document that is one object, and keeps the exact bytes of each member's value: what a
     * signature over a member covers.
     *
     * @param what the document's name in messages
     * @param maxBytes refused above
     */
    public static Map<String, byte[]> members(String what, byte[] utf8, int maxBytes)
            throws MalformedEncodingException {
        Json json = open(what, utf8, maxBytes);
        var members = new LinkedHashMap<String, byte[]>();
        json.take('{');
        do {
            json.skipSpace();
            String key = json.string();
            json.take(':');
            json.skipSpace();
            int start = json.at;
            json.value(1);
            String value = json.text.substring(start, json.at);
            if (members.put(key, value.getBytes(StandardCharsets.US_ASCII)) != null) {
                throw json.expected("no key twice");
            }
        } while (json.takeIf(','));
        json.take('}');
        json.requireEnd();
        return members;
    }

    private static Json open(String what, byte[] utf8, int maxBytes)
            throws MalformedEncodingException {
        if (utf8.length > maxBytes) {
            throw new MalformedEncodingException(what + ": at most " + maxBytes + " bytes");
        }
        String text;
        try {
            // a fresh decoder reports malformed input instead of replacing it
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedEncodingException(what + ": expected UTF-8");
        }
        return new Json(what, text);
    }

    private void requireEnd() throws MalformedEncodingException {
        skipSpace();
        if (at != text.length()) {
            throw expected("the end");
        }
    }

    private Object value(int depth) throws MalformedEncodingException {
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

    private Map<String, Object> object(int depth) throws MalformedEncodingException {
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

    private List<Object> array(int depth) throws MalformedEncodingException {
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

    private String string() throws MalformedEncodingException {
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

    private Boolean literal(String word, boolean value) throws MalformedEncodingException {
        if (!text.startsWith(word, at)) {
            throw expected("a value");
        }
        at += word.length();
        return value;
    }

    private Long integer() throws MalformedEncodingException {
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

    private void take(char expected) throws MalformedEncodingException {
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

    private char peek() throws MalformedEncodingException {
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

    private MalformedEncodingException expected(String expected) {
        return new MalformedEncodingException(
                what + " at character " + at + ": expected " + expected);
    }
}

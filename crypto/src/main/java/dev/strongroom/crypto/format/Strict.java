package dev.strongroom.crypto.format;

import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Reads one canonical record whole: limit first, then fields, then no trailing byte. */
final class Strict {
    /** Of the few expressions in this package; a rotation reads thousands of names a second. */
    private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();

    private Strict() {}

    interface Fields<T> {
        T read(CanonicalReader in) throws MalformedEncodingException;
    }

    static <T> T read(byte[] encoded, int maxBytes, String domain, int version, Fields<T> fields)
            throws SealedFormatException {
        if (encoded.length > maxBytes) {
            throw new SealedFormatException(
                    domain + ": at most " + maxBytes + " bytes, got " + encoded.length);
        }
        try {
            CanonicalReader in = CanonicalReader.of(encoded, domain, version);
            T value = fields.read(in);
            in.end();
            return value;
        } catch (MalformedEncodingException e) {
            throw new SealedFormatException(String.valueOf(e.getMessage()), e);
        } catch (IllegalArgumentException e) {
            // The record's constructor states its rules; broken by input they are format faults.
            throw new SealedFormatException(domain + ": " + e.getMessage(), e);
        }
    }

    static void requireLength(String field, byte[] value, int length) {
        if (value.length != length) {
            throw new IllegalArgumentException(
                    field + ": expected " + length + " bytes, got " + value.length);
        }
    }

    static void requireMatch(String field, String value, String regex) {
        if (!PATTERNS.computeIfAbsent(regex, Pattern::compile).matcher(value).matches()) {
            throw new IllegalArgumentException(field + ": expected " + regex);
        }
    }

    static void requireAtMost(String field, int actual, int max) {
        if (actual > max) {
            throw new IllegalArgumentException(field + ": at most " + max + ", got " + actual);
        }
    }

    static void requireRange(String field, long actual, long min, long max) {
        if (actual < min || actual > max) {
            throw new IllegalArgumentException(
                    field + ": " + actual + " (expected: " + min + ".." + max + ")");
        }
    }
}

package dev.strongroom.attestation.encoding;

import java.util.Arrays;

/**
 * One DER element of a byte array. Just enough to see what the JDK's X.509 parser overlooks (a
 * certificate has bytes outside its signed part, and those must have one spelling only) and to read
 * vendors' certificate extensions.
 *
 * @param bytes all bytes of the enclosing array
 * @param tag identifier octet
 * @param content index of the first content octet
 * @param end index behind the last content octet
 */
public record Der(byte[] bytes, int tag, int content, int end) {
    public static final int INTEGER = 0x02;
    public static final int BIT_STRING = 0x03;
    public static final int OCTET_STRING = 0x04;
    public static final int OID = 0x06;
    public static final int ENUMERATED = 0x0A;
    public static final int IA5_STRING = 0x16;
    public static final int SEQUENCE = 0x30;
    public static final int EXPLICIT_0 = 0xA0;

    /** The element that fills the array. */
    public static Der whole(byte[] bytes, int tag) throws MalformedEncodingException {
        Der element = at(bytes, 0, bytes.length).require(tag);
        if (element.end != bytes.length) {
            throw malformed("expected one element and nothing behind it");
        }
        return element;
    }

    /** The first element inside this one. */
    public Der first() throws MalformedEncodingException {
        return at(bytes, content, end);
    }

    /** The element after this one inside {@code parent}. */
    public Der next(Der parent) throws MalformedEncodingException {
        return at(bytes, end, parent.end);
    }

    public Der require(int expected) throws MalformedEncodingException {
        if (tag != expected) {
            throw malformed("expected tag 0x%02x, got 0x%02x".formatted(expected, tag));
        }
        return this;
    }

    public byte[] value() {
        return Arrays.copyOfRange(bytes, content, end);
    }

    public boolean sameValue(Der other) {
        return Arrays.equals(value(), other.value());
    }

    /**
     * A non-negative integer up to {@code max}, which is below 2^31.
     *
     * @throws MalformedEncodingException if this is no integer in its shortest form, or out of
     *     range
     */
    public int unsigned(int max) throws MalformedEncodingException {
        byte[] value = require(INTEGER).value();
        boolean shortest =
                value.length == 1 || (value.length > 1 && (value[0] != 0 || value[1] < 0));
        if (!shortest || value[0] < 0 || value.length > Integer.BYTES + 1) {
            throw malformed("expected an integer from 0 to " + max);
        }
        long number = 0;
        for (byte octet : value) {
            number = number << Byte.SIZE | (octet & 0xff);
        }
        if (number > max) {
            throw malformed("expected an integer from 0 to " + max);
        }
        return (int) number;
    }

    private static Der at(byte[] bytes, int start, int limit) throws MalformedEncodingException {
        if (limit - start < 2) {
            throw malformed("ends inside an element");
        }
        int length = bytes[start + 1] & 0xff;
        int content = start + 2;
        if (length > 0x82 || length == 0x80) {
            throw malformed("expected a length below 64 KiB"); // nothing here is longer
        }
        if (length > 0x80) {
            int octets = length - 0x80;
            if (limit - content < octets) {
                throw malformed("ends inside a length");
            }
            length = octets == 1 ? bytes[content] & 0xff : be16(bytes, content);
            if (length < (octets == 1 ? 0x80 : 0x100)) {
                throw malformed("expected the shortest form of a length");
            }
            content += octets;
        }
        if (length > limit - content) {
            throw malformed("an element is longer than what holds it");
        }
        return new Der(bytes, bytes[start] & 0xff, content, content + length);
    }

    private static int be16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << Byte.SIZE | (bytes[at + 1] & 0xff);
    }

    private static MalformedEncodingException malformed(String message) {
        return new MalformedEncodingException("DER: " + message);
    }
}

package dev.strongroom.attestation.snp;

import java.util.Arrays;

/**
 * One DER element of a byte array. Just enough to see what the JDK's X.509 parser overlooks: a
 * certificate has bytes outside its signed part, and those must have one spelling only.
 *
 * @param bytes all bytes of the enclosing array
 * @param tag identifier octet
 * @param content index of the first content octet
 * @param end index behind the last content octet
 */
record Der(byte[] bytes, int tag, int content, int end) {
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int IA5_STRING = 0x16;
    static final int SEQUENCE = 0x30;
    static final int EXPLICIT_0 = 0xA0;

    /** The element that fills the array. */
    static Der whole(byte[] bytes, int tag) throws MalformedDerException {
        Der element = at(bytes, 0, bytes.length).require(tag);
        if (element.end != bytes.length) {
            throw new MalformedDerException();
        }
        return element;
    }

    /** The first element inside this one. */
    Der first() throws MalformedDerException {
        return at(bytes, content, end);
    }

    /** The element after this one inside {@code parent}. */
    Der next(Der parent) throws MalformedDerException {
        return at(bytes, end, parent.end);
    }

    Der require(int expected) throws MalformedDerException {
        if (tag != expected) {
            throw new MalformedDerException();
        }
        return this;
    }

    byte[] value() {
        return Arrays.copyOfRange(bytes, content, end);
    }

    boolean sameValue(Der other) {
        return Arrays.equals(value(), other.value());
    }

    private static Der at(byte[] bytes, int start, int limit) throws MalformedDerException {
        if (limit - start < 2) {
            throw new MalformedDerException();
        }
        int length = bytes[start + 1] & 0xff;
        int content = start + 2;
        if (length > 0x82 || length == 0x80) {
            throw new MalformedDerException(); // nothing here is longer than 64 KiB
        }
        if (length > 0x80) {
            int octets = length - 0x80;
            if (limit - content < octets) {
                throw new MalformedDerException();
            }
            length = octets == 1 ? bytes[content] & 0xff : be16(bytes, content);
            if (length < (octets == 1 ? 0x80 : 0x100)) {
                throw new MalformedDerException(); // DER has the shortest form only
            }
            content += octets;
        }
        if (length > limit - content) {
            throw new MalformedDerException();
        }
        return new Der(bytes, bytes[start] & 0xff, content, content + length);
    }

    private static int be16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << Byte.SIZE | (bytes[at + 1] & 0xff);
    }

    /** The bytes are not what they should be; carries nothing, its catcher knows where. */
    static final class MalformedDerException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedDerException() {
            super(null, null, false, false);
        }
    }
}

package dev.strongroom.attestation.tdx;

import java.util.Arrays;

/**
 * Reads a part of an array from front to back, little-endian, and never beyond the part's end:
 * lengths are checked before anything is allocated. Used by one thread.
 */
final class Octets {
    private final byte[] bytes;
    private final int end;
    private int at;

    Octets(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private Octets(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    int u16(String field) throws TdxFormatException {
        int start = advance(field, Short.BYTES);
        return (bytes[start] & 0xff) | (bytes[start + 1] & 0xff) << Byte.SIZE;
    }

    long u32(String field) throws TdxFormatException {
        return u16(field) | (long) u16(field) << Short.SIZE;
    }

    byte[] bytes(String field, long length) throws TdxFormatException {
        int start = advance(field, length);
        return Arrays.copyOfRange(bytes, start, at);
    }

    /** The next {@code length} bytes as a part of their own. */
    Octets part(String field, long length) throws TdxFormatException {
        int start = advance(field, length);
        return new Octets(bytes, start, at);
    }

    int position() {
        return at;
    }

    void requireEnd(String field) throws TdxFormatException {
        if (at != end) {
            throw new TdxFormatException(
                    field + ": expected the end, got " + (end - at) + " more bytes");
        }
    }

    void requireZerosToEnd(String field) throws TdxFormatException {
        while (at < end) {
            if (bytes[at++] != 0) {
                throw new TdxFormatException(field + ": expected the end, or zeros to the end");
            }
        }
    }

    private int advance(String field, long length) throws TdxFormatException {
        if (length > end - at) {
            throw new TdxFormatException(
                    "%s: expected %d bytes, got %d".formatted(field, length, end - at));
        }
        int start = at;
        at += (int) length;
        return start;
    }
}

package dev.strongroom.attestation.cbor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes items with definite lengths in their shortest form. Not thread-safe. */
public final class CborWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public CborWriter unsigned(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("unsigned: expected no negative number");
        }
        return head(0, value);
    }

    public CborWriter bytes(byte[] value) {
        head(2, value.length);
        out.writeBytes(value);
        return this;
    }

    public CborWriter text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        head(3, utf8.length);
        out.writeBytes(utf8);
        return this;
    }

    /** Begins an array: the next {@code size} items are its own. */
    public CborWriter array(int size) {
        return head(4, size);
    }

    /** Begins a map: the next {@code size} pairs of items are its own. */
    public CborWriter map(int size) {
        return head(5, size);
    }

    public CborWriter nothing() {
        out.write(0xf6);
        return this;
    }

    /** An item that is encoded already. */
    public CborWriter encoded(byte[] item) {
        out.writeBytes(item);
        return this;
    }

    public byte[] toByteArray() {
        return out.toByteArray();
    }

    private CborWriter head(int major, long number) {
        int type = major << 5;
        if (number < 24) {
            out.write(type | (int) number);
        } else if (number < 1 << Byte.SIZE) {
            out.write(type | 24);
            out.write((int) number);
        } else if (number < 1 << Short.SIZE) {
            out.write(type | 25);
            out.writeBytes(ByteBuffer.allocate(Short.BYTES).putShort((short) number).array());
        } else if (number < 1L << Integer.SIZE) {
            out.write(type | 26);
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt((int) number).array());
        } else {
            out.write(type | 27);
            out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
        }
        return this;
    }
}

package dev.strongroom.attestation.tpm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a TPM structure from its first byte to its last. Every length is compared with a limit and
 * with what is left before anything is allocated.
 *
 * <p>Not thread-safe.
 */
final class TpmReader {
    private final ByteBuffer in;
    private final String structure;

    private TpmReader(byte[] bytes, ByteOrder order, String structure) {
        this.in = ByteBuffer.wrap(bytes).order(order);
        this.structure = structure;
    }

    /** For what a TPM writes. */
    static TpmReader bigEndian(byte[] bytes, String structure) {
        return new TpmReader(bytes, ByteOrder.BIG_ENDIAN, structure);
    }

    /** For what firmware writes. */
    static TpmReader littleEndian(byte[] bytes, String structure) {
        return new TpmReader(bytes, ByteOrder.LITTLE_ENDIAN, structure);
    }

    int u8(String field) throws TpmFormatException {
        return need(field, Byte.BYTES).get() & 0xff;
    }

    int u16(String field) throws TpmFormatException {
        return Short.toUnsignedInt(need(field, Short.BYTES).getShort());
    }

    int u32(String field) throws TpmFormatException {
        return need(field, Integer.BYTES).getInt();
    }

    long u64(String field) throws TpmFormatException {
        return need(field, Long.BYTES).getLong();
    }

    /** A count of following elements, refused above {@code max}. */
    int count(String field, int max) throws TpmFormatException {
        int count = u32(field);
        if (count < 0 || count > max) {
            throw malformed(field + ": at most " + max);
        }
        return count;
    }

    byte[] bytes(String field, int length) throws TpmFormatException {
        need(field, length);
        byte[] value = new byte[length];
        in.get(value);
        return value;
    }

    /** A TPM2B: a 16-bit size and as many bytes. */
    byte[] sized(String field, int maxBytes) throws TpmFormatException {
        int size = u16(field);
        if (size > maxBytes) {
            throw malformed(field + ": at most " + maxBytes + " bytes");
        }
        return bytes(field, size);
    }

    int remaining() {
        return in.remaining();
    }

    /** Ends reading; trailing bytes are refused. */
    void end() throws TpmFormatException {
        if (in.hasRemaining()) {
            throw malformed("expected the end, got " + in.remaining() + " more bytes");
        }
    }

    TpmFormatException malformed(String what) {
        return new TpmFormatException(structure + " before byte " + in.position() + ": " + what);
    }

    private ByteBuffer need(String field, int length) throws TpmFormatException {
        if (in.remaining() < length) {
            throw malformed(field + ": expected " + length + " bytes, got " + in.remaining());
        }
        return in;
    }
}

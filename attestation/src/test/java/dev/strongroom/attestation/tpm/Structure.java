package dev.strongroom.attestation.tpm;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes TPM structures, also wrong ones. */
final class Structure {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteOrder order;

    private Structure(ByteOrder order) {
        this.order = order;
    }

    static Structure bigEndian() {
        return new Structure(ByteOrder.BIG_ENDIAN);
    }

    static Structure littleEndian() {
        return new Structure(ByteOrder.LITTLE_ENDIAN);
    }

    Structure u8(int value) {
        out.write(value);
        return this;
    }

    Structure u16(int value) {
        return bytes(ByteBuffer.allocate(2).order(order).putShort((short) value).array());
    }

    Structure u32(int value) {
        return bytes(ByteBuffer.allocate(4).order(order).putInt(value).array());
    }

    Structure u64(long value) {
        return bytes(ByteBuffer.allocate(8).order(order).putLong(value).array());
    }

    Structure bytes(byte[] value) {
        out.writeBytes(value);
        return this;
    }

    Structure sized(byte[] value) {
        return u16(value.length).bytes(value);
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }
}

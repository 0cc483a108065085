package dev.strongroom.attestation.tdx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What the CPU says about the quoting enclave: REPORTBODY of the Intel SDM, volume 3D, 384 bytes.
 * Its reserved fields are signed and not read; newer enclaves use some of them.
 *
 * <p>Immutable and thread-safe.
 */
public final class EnclaveReport {
    static final int BYTES = 384;

    private final byte[] bytes;

    EnclaveReport(byte[] bytes) {
        this.bytes = bytes;
    }

    byte[] signedBytes() {
        return bytes.clone();
    }

    byte[] miscSelect() {
        return slice(16, 4);
    }

    byte[] attributes() {
        return slice(48, 16);
    }

    /** Who signed the enclave: SHA-256 of the key's modulus. */
    public byte[] mrSigner() {
        return slice(128, 32);
    }

    public int isvProdId() {
        return u16(256);
    }

    /** Security version of the quoting enclave. */
    public int isvSvn() {
        return u16(258);
    }

    byte[] reportData() {
        return slice(320, 64);
    }

    private int u16(int offset) {
        return Short.toUnsignedInt(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getShort(offset));
    }

    private byte[] slice(int offset, int length) {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }
}

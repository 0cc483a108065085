package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.p384.RawSignature;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A measurement report: the SPDM 1.1 request for all measurements, signed, and the response to it,
 * little-endian, read strictly: every length is what is left for it, every index comes once, and
 * nothing follows. Parsed is not verified: nothing here says who wrote the bytes.
 *
 * <pre>
 * 00 request: version 11, code E0, 01 (signature), FF (all) | 04 nonce 32 | 24 slot
 * 25 response: version 11, code 60, param1, param2 | 29 blocks u8 | 2A record length u24 | 2D record
 *    block: index u8, specification 01 (DMTF), size u16, { type u8, size u16, value }
 *    nonce 32 | opaque length u16 | opaque data: { type u16, size u16, value }
 *    signature r ‖ s 96, big-endian, over everything before
 * </pre>
 *
 * <p>SPDM 1.2 signs something else; no GPU reports in it, and it is refused. Immutable and
 * thread-safe.
 */
public final class NvidiaReport {
    public static final int NONCE_BYTES = 32;
    private static final int MAX_BYTES = 64 * 1024; // real reports have 4 KiB
    private static final byte[] REQUEST = {0x11, (byte) 0xe0, 0x01, (byte) 0xff};
    private static final byte[] RESPONSE = {0x11, 0x60};
    private static final int DMTF = 1;
    private static final int BLOCK_HEAD_BYTES = 3; // type and size inside a block

    private final byte[] bytes;
    private final byte[] nonce = new byte[NONCE_BYTES];
    private final SortedMap<Integer, byte[]> measurements = new TreeMap<>();
    private final OpaqueData opaque;

    private NvidiaReport(byte[] bytes) throws NvidiaFormatException {
        this.bytes = bytes;
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        requireStart("request", in, REQUEST);
        in.get(nonce);
        in.get(); // the slot of the certificate chain: the verifier is given the chain itself
        requireStart("response", in, RESPONSE);
        in.getShort(); // number of indices (zero, as all were asked for), and slot
        int blocks = in.get() & 0xff;
        int recordBytes = (in.getShort() & 0xffff) | (in.get() & 0xff) << Short.SIZE;
        readBlocks(blocks, slice("measurement record", in, recordBytes));
        in.get(new byte[NONCE_BYTES]); // the responder's: for the signature's sake
        this.opaque = OpaqueData.parse(slice("opaque data", in, in.getShort() & 0xffff));
        if (in.remaining() != RawSignature.BYTES) {
            throw new NvidiaFormatException(
                    "signature: expected " + RawSignature.BYTES + " bytes at the end");
        }
    }

    /**
     * Reads a report; the array is copied.
     *
     * @throws NvidiaFormatException if it is not one in every byte
     */
    public static NvidiaReport parse(byte[] document) throws NvidiaFormatException {
        if (document.length > MAX_BYTES) {
            throw new NvidiaFormatException("report: expected at most " + MAX_BYTES + " bytes");
        }
        try {
            return new NvidiaReport(document.clone());
        } catch (BufferUnderflowException e) {
            throw new NvidiaFormatException("report: expected more bytes");
        }
    }

    /** What the verifier asked with, 32 bytes. */
    public byte[] nonce() {
        return nonce.clone();
    }

    /** Measured values, numbered from 0 as in reference manifests, one below SPDM's index. */
    public SortedMap<Integer, byte[]> measurements() {
        var copy = new TreeMap<>(measurements);
        copy.replaceAll((_, value) -> value.clone());
        return copy;
    }

    OpaqueData opaque() {
        return opaque;
    }

    /** What the signature covers: everything before it. */
    public byte[] signedBytes() {
        return Arrays.copyOf(bytes, bytes.length - RawSignature.BYTES);
    }

    byte[] signature() {
        return Arrays.copyOfRange(bytes, bytes.length - RawSignature.BYTES, bytes.length);
    }

    private void readBlocks(int blocks, ByteBuffer in) throws NvidiaFormatException {
        if (blocks == 0) {
            throw new NvidiaFormatException("measurements: expected at least one block");
        }
        for (int i = 0; i < blocks; i++) {
            int index = in.get() & 0xff;
            if (in.get() != DMTF) {
                throw new NvidiaFormatException("measurements: expected DMTF's specification");
            }
            readBlock(index, slice("measurement", in, in.getShort() & 0xffff));
        }
        if (in.hasRemaining()) {
            throw new NvidiaFormatException("measurement record: expected nothing behind blocks");
        }
    }

    private void readBlock(int index, ByteBuffer in) throws NvidiaFormatException {
        int size = in.remaining() - BLOCK_HEAD_BYTES;
        in.get(); // type: the manifests do not tell types apart
        if ((in.getShort() & 0xffff) != size || size == 0) {
            throw new NvidiaFormatException("measurement: expected a value that fills its block");
        }
        byte[] value = new byte[size];
        in.get(value);
        if (index == 0 || index == 0xff || measurements.put(index - 1, value) != null) {
            throw new NvidiaFormatException("measurements: expected indices 1 to 254, each once");
        }
    }

    private static void requireStart(String what, ByteBuffer in, byte[] expected)
            throws NvidiaFormatException {
        byte[] start = new byte[expected.length];
        in.get(start);
        if (!Arrays.equals(start, expected)) {
            throw new NvidiaFormatException(what + ": expected SPDM 1.1, all measurements, signed");
        }
    }

    private static ByteBuffer slice(String what, ByteBuffer in, int length)
            throws NvidiaFormatException {
        if (length > in.remaining()) {
            throw new NvidiaFormatException(what + ": expected no more bytes than are left");
        }
        ByteBuffer slice = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return slice;
    }
}

package dev.strongroom.attestation.guest;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a TPM's response; every length is compared with what is there. Not thread-safe. */
final class TpmResponse {
    private static final int HEADER_BYTES = 10;

    private final ByteBuffer in;
    private final int code;

    /** Reads tag, size and response code. */
    TpmResponse(byte[] response) throws IOException {
        in = ByteBuffer.wrap(response);
        if (response.length < HEADER_BYTES) {
            throw new IOException("response: expected at least " + HEADER_BYTES + " bytes");
        }
        in.getShort();
        if (in.getInt() != response.length) {
            throw new IOException("response: its size is not the one it names");
        }
        code = in.getInt();
    }

    /** TPM_RC; zero is success. */
    int code() {
        return code;
    }

    int u16() throws IOException {
        return Short.toUnsignedInt(need(Short.BYTES).getShort());
    }

    int u32() throws IOException {
        return need(Integer.BYTES).getInt();
    }

    byte[] bytes(int length) throws IOException {
        need(length);
        byte[] value = new byte[length];
        in.get(value);
        return value;
    }

    byte[] sized() throws IOException {
        return bytes(u16());
    }

    /** Leaves the parameters only: their size comes first, authorizations come after. */
    TpmResponse parameters() throws IOException {
        int size = u32();
        if (size < 0 || size > in.remaining()) {
            throw new IOException("response: its parameters end before they should");
        }
        in.limit(in.position() + size);
        return this;
    }

    byte[] rest() {
        byte[] value = new byte[in.remaining()];
        in.get(value);
        return value;
    }

    private ByteBuffer need(int length) throws IOException {
        if (length < 0 || in.remaining() < length) {
            throw new IOException("response: ends before it should");
        }
        return in;
    }
}

package dev.strongroom.attestation.guest;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * One command as a TPM takes it (TPM 2.0 Part 1, 18): tag, size, code, handles, the authorization
 * of the first handle, parameters. Big-endian. The only authorization that our keys and Azure's
 * index want is an empty password.
 */
final class TpmCommand {
    private static final int TPM_ST_NO_SESSIONS = 0x8001;
    private static final int TPM_ST_SESSIONS = 0x8002;
    private static final int TPM_RS_PW = 0x40000009;
    private static final int HEADER_BYTES = 10;

    /** Handle, no nonce, no attributes, no password. */
    private static final int EMPTY_PASSWORD_BYTES = 9;

    private final int tag;
    private final int code;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    private TpmCommand(int tag, int code, int... handles) {
        this.tag = tag;
        this.code = code;
        for (int handle : handles) {
            u32(handle);
        }
    }

    /** A command that needs no authorization. */
    static TpmCommand open(int code, int... handles) {
        return new TpmCommand(TPM_ST_NO_SESSIONS, code, handles);
    }

    /** A command whose first handle is authorized by an empty password. */
    static TpmCommand authorized(int code, int... handles) {
        byte[] emptyPassword = ByteBuffer.allocate(EMPTY_PASSWORD_BYTES).putInt(TPM_RS_PW).array();
        return authorizedBy(emptyPassword, code, handles);
    }

    /** A command with these authorizations, one for each handle that wants one. */
    static TpmCommand authorizedBy(byte[] authorizations, int code, int... handles) {
        return new TpmCommand(TPM_ST_SESSIONS, code, handles)
                .u32(authorizations.length)
                .bytes(authorizations);
    }

    TpmCommand u8(int value) {
        body.write(value);
        return this;
    }

    TpmCommand u16(int value) {
        return bytes(ByteBuffer.allocate(Short.BYTES).putShort((short) value).array());
    }

    TpmCommand u32(int value) {
        return bytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    }

    TpmCommand bytes(byte... value) {
        body.writeBytes(value);
        return this;
    }

    /** A TPM2B: 16-bit size, then the bytes. */
    TpmCommand sized(byte... value) {
        return u16(value.length).bytes(value);
    }

    byte[] toByteArray() {
        return ByteBuffer.allocate(HEADER_BYTES + body.size())
                .putShort((short) tag)
                .putInt(HEADER_BYTES + body.size())
                .putInt(code)
                .put(body.toByteArray())
                .array();
    }
}

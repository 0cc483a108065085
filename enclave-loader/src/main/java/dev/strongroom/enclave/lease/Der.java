package dev.strongroom.enclave.lease;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the few ASN.1 DER values that a certificate request consists of. */
final class Der {
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int UTF8_STRING = 0x0c;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int CONTEXT_0 = 0xa0;

    private Der() {}

    static byte[] sequence(byte[]... values) {
        return value(SEQUENCE, values);
    }

    static byte[] set(byte[]... values) {
        return value(SET, values);
    }

    /** 0 to 127. */
    static byte[] integer(int value) {
        return value(INTEGER, new byte[] {(byte) value});
    }

    static byte[] utf8(String text) {
        return value(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] bits(byte[] bytes) {
        return value(BIT_STRING, new byte[] {0}, bytes); // no unused bits
    }

    /** {@code [0] IMPLICIT SET OF Attribute}, empty. */
    static byte[] emptyAttributes() {
        return value(CONTEXT_0);
    }

    static byte[] oid(int first, int second, int... arcs) {
        var out = new ByteArrayOutputStream();
        out.write(40 * first + second);
        for (int arc : arcs) {
            for (int shift = 28; shift > 0; shift -= 7) {
                if (arc >>> shift != 0) {
                    out.write(0x80 | (arc >>> shift & 0x7f));
                }
            }
            out.write(arc & 0x7f);
        }
        return value(OBJECT_IDENTIFIER, out.toByteArray());
    }

    private static byte[] value(int tag, byte[]... contents) {
        var body = new ByteArrayOutputStream();
        for (byte[] content : contents) {
            body.writeBytes(content);
        }
        var out = new ByteArrayOutputStream();
        out.write(tag);
        writeLength(out, body.size());
        out.writeBytes(body.toByteArray());
        return out.toByteArray();
    }

    private static void writeLength(ByteArrayOutputStream out, int length) {
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82); // requests are well below 64 KiB
            out.write(length >>> 8);
            out.write(length);
        }
    }
}

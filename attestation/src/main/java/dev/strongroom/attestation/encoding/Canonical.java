package dev.strongroom.attestation.encoding;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes the one canonical encoding of everything that is hashed, signed or authenticated: a domain
 * label and a version byte, then fields in a fixed order. Integers are big-endian; strings (UTF-8)
 * and byte fields carry a 32-bit length before them, so that no two field lists share an encoding.
 *
 * <p>Not thread-safe.
 */
public final class Canonical {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Canonical() {}

    /** Starts an encoding: version byte first, then the domain label. */
    public static Canonical of(String domain, int version) {
        var canonical = new Canonical();
        canonical.out.write(version);
        return canonical.text(domain);
    }

    public Canonical u8(int value) {
        if (value < 0 || value > 0xff) {
            throw new IllegalArgumentException("u8: " + value + " (expected: 0..255)");
        }
        out.write(value);
        return this;
    }

    public Canonical u32(int value) {
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
        return this;
    }

    public Canonical u64(long value) {
        out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
        return this;
    }

    public Canonical text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    public Canonical bytes(byte[] value) {
        u32(value.length);
        out.writeBytes(value);
        return this;
    }

    public byte[] toByteArray() {
        return out.toByteArray();
    }
}

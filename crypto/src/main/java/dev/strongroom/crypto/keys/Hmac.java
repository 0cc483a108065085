package dev.strongroom.crypto.keys;

import dev.strongroom.attestation.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HMAC-SHA256 (RFC 2104) of which no key byte outlives {@link #close}. The JDK's Mac keeps the
 * padded key until it is collected, hence this one: two digests of {@code MessageDigest}.
 *
 * <p>Not thread-safe.
 */
public final class Hmac implements AutoCloseable {
    public static final int BYTES = 32;
    private static final int BLOCK_BYTES = 64;

    private final MessageDigest inner = Digest.newSha256();
    private final byte[] outerPad = new byte[BLOCK_BYTES];

    /**
     * @param key at most a block of 64 bytes; not kept
     */
    public Hmac(byte[] key) {
        if (key.length > BLOCK_BYTES) {
            throw new IllegalArgumentException("HMAC key: at most " + BLOCK_BYTES + " bytes");
        }
        byte[] innerPad = new byte[BLOCK_BYTES];
        for (int i = 0; i < BLOCK_BYTES; i++) {
            byte keyByte = i < key.length ? key[i] : 0;
            innerPad[i] = (byte) (keyByte ^ 0x36);
            outerPad[i] = (byte) (keyByte ^ 0x5c);
        }
        inner.update(innerPad);
        Arrays.fill(innerPad, (byte) 0);
    }

    public Hmac update(byte[] part) {
        inner.update(part);
        return this;
    }

    public Hmac update(ByteBuffer part) {
        inner.update(part);
        return this;
    }

    /** Ends the message; the object is then good for {@link #close} only. */
    public byte[] finish() {
        MessageDigest outer = Digest.newSha256();
        outer.update(outerPad);
        outer.update(inner.digest());
        return outer.digest();
    }

    @Override
    public void close() {
        inner.reset();
        Arrays.fill(outerPad, (byte) 0);
    }
}

package dev.strongroom.crypto.keys;

import dev.strongroom.attestation.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HMAC-SHA256 (RFC 2104) of which nothing outlives {@link #close}. The JDK's Mac and KDF keep the
 * padded key, or a copy of the key, until they are collected; hence this one, made of two digests
 * that are reset.
 *
 * <p>Not thread-safe.
 */
public final class Hmac implements AutoCloseable {
    public static final int BYTES = 32;
    private static final int BLOCK_BYTES = 64;

    private final MessageDigest inner = Digest.newSha256();
    private final MessageDigest outer = Digest.newSha256();

    /**
     * Starts a message.
     *
     * @param key at most a block of 64 bytes; not kept
     */
    public Hmac(byte[] key) {
        if (key.length > BLOCK_BYTES) {
            throw new IllegalArgumentException("HMAC key: at most " + BLOCK_BYTES + " bytes");
        }
        // Whole blocks: the digests work on this array and keep no copy of it.
        byte[] pad = Arrays.copyOf(key, BLOCK_BYTES);
        xor(pad, 0x36);
        inner.update(pad);
        xor(pad, 0x36 ^ 0x5c);
        outer.update(pad);
        Arrays.fill(pad, (byte) 0);
    }

    public Hmac update(byte[] part) {
        inner.update(part);
        return this;
    }

    /** Takes what remains in a buffer with an array. */
    public Hmac update(ByteBuffer part) {
        inner.update(part);
        return this;
    }

    /** Ends the message; the object is then good for {@link #close} only. */
    public byte[] finish() {
        byte[] innerDigest = inner.digest();
        outer.update(innerDigest);
        Arrays.fill(innerDigest, (byte) 0);
        return outer.digest();
    }

    /** Resets both digests, which zeroes their buffers. */
    @Override
    public void close() {
        inner.reset();
        outer.reset();
    }

    private static void xor(byte[] block, int mask) {
        for (int i = 0; i < block.length; i++) {
            block[i] ^= (byte) mask;
        }
    }
}

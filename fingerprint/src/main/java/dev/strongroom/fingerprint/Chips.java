package dev.strongroom.fingerprint;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A stream of fair signs: the bits of AES-256 in counter mode, one for each weight in row-major
 * order, lowest bit of each byte first. To who lacks the key they are independent coin flips, which
 * is all that the p-value rests on.
 *
 * <p>Not thread-safe.
 */
final class Chips {
    private static final byte[] ZEROS = new byte[4096];

    private final Cipher stream;
    private final byte[] bits = new byte[ZEROS.length];
    private int next = Byte.SIZE * ZEROS.length;

    private Chips(Cipher stream) {
        this.stream = stream;
    }

    /**
     * @param key 32 bytes, zeroed here
     */
    static Chips of(byte[] key) {
        try {
            var cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(key, "AES"),
                    new IvParameterSpec(new byte[16])); // one key, one stream
            return new Chips(cipher);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no AES in counter mode", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** +1 or -1. */
    float next() {
        if (next == Byte.SIZE * bits.length) {
            refill();
        }
        int bit = bits[next >>> 3] >>> (next & 7) & 1;
        next++;
        return (bit << 1) - 1;
    }

    private void refill() {
        try {
            stream.update(ZEROS, 0, ZEROS.length, bits);
            next = 0;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES in counter mode failed", e);
        }
    }
}

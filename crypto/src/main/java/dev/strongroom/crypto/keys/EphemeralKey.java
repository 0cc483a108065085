package dev.strongroom.crypto.keys;

import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * An AES key for one provider call after another. {@link #getEncoded} hands out the live array on
 * purpose: whatever copy of the reference a provider keeps, {@link #close} zeroes the bytes.
 *
 * <p>Not thread-safe.
 */
public final class EphemeralKey implements SecretKey, AutoCloseable {
    private static final long serialVersionUID = 1L;

    private final transient byte[] key;

    /**
     * @param key owned by this object from now on
     */
    public EphemeralKey(byte[] key) {
        this.key = key;
    }

    @Override
    public String getAlgorithm() {
        return "AES";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        return key;
    }

    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public String toString() {
        return "EphemeralKey[redacted]";
    }
}

package dev.strongroom.crypto.keys;

import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * A key for Conscrypt. {@link #getEncoded} hands out the live array on purpose: Conscrypt keeps the
 * reference, so {@link #close} zeroes what it keeps. Never for a provider of the JDK, which zeroes
 * what it is given and would go on with a key of zeros.
 */
public final class LiveKey implements SecretKey, AutoCloseable {
    private static final long serialVersionUID = 1L;

    private final transient byte[] key;

    /**
     * Wraps the array without copying it.
     *
     * @param key owned by this object from now on
     */
    public LiveKey(byte[] key) {
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
        return "LiveKey[redacted]";
    }
}

package dev.strongroom.crypto.seal;

import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * A key for the JDK's ciphers on the owner's machine, zeroed on close. {@link #getEncoded} gives a
 * copy, because the JDK's AES-GCM zeroes what it is given.
 */
final class SealingKey implements SecretKey, AutoCloseable {
    private static final long serialVersionUID = 1L;

    private final transient byte[] key;

    /**
     * @param key owned by this object from now on
     */
    SealingKey(byte[] key) {
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
        return key.clone();
    }

    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public String toString() {
        return "SealingKey[redacted]";
    }
}

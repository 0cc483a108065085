package dev.strongroom.fingerprint;

import java.util.Arrays;

/**
 * The secret of one model version from which every recipient's mark derives. Enclaves get it sealed
 * with the version, its owner derives it from his root. Printing it prints nothing of it.
 *
 * <p>Thread-safe until it is closed, which zeroes it.
 */
public final class FingerprintKey implements AutoCloseable {
    public static final int BYTES = 32;

    private final byte[] key;

    private FingerprintKey(byte[] key) {
        this.key = key;
    }

    /**
     * A key that was kept.
     *
     * @param key copied; the caller clears its own
     * @throws IllegalArgumentException if it has not {@link #BYTES} bytes
     */
    public static FingerprintKey of(byte[] key) {
        if (key.length != BYTES) {
            throw new IllegalArgumentException(
                    "fingerprint key: expected " + BYTES + " bytes, got " + key.length);
        }
        return new FingerprintKey(key.clone());
    }

    /** The key of one recipient's mark. */
    public RecipientKey forRecipient(Recipient recipient) {
        return new RecipientKey(Hkdf.derive(key, recipient.encode()));
    }

    /** A copy, which the caller clears. */
    public byte[] bytes() {
        return key.clone();
    }

    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public String toString() {
        return "FingerprintKey";
    }
}

package dev.strongroom.fingerprint;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The key of one recipient's mark. Its {@link #commitment} is public and is put into the audit log
 * before the mark is used, so that nobody can invent a key that fits a suspect afterwards.
 *
 * <p>Thread-safe until it is closed, which zeroes it.
 */
public final class RecipientKey implements AutoCloseable {
    private static final byte[] COMMITMENT =
            "strongroom/fingerprint/commitment/v1".getBytes(StandardCharsets.US_ASCII);
    private static final String CHIPS = "strongroom/fingerprint/chips/v1/";

    private final byte[] key;

    RecipientKey(byte[] key) {
        this.key = key;
    }

    /** SHA-256 over the key; says nothing about the mark to who lacks the key. */
    public byte[] commitment() {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(COMMITMENT);
            return sha256.digest(key);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The signs of one tensor's weights. */
    Chips chips(String tensor) {
        byte[] info = (CHIPS + tensor).getBytes(StandardCharsets.UTF_8);
        return Chips.of(Hkdf.derive(key, info));
    }

    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public String toString() {
        return "RecipientKey";
    }
}

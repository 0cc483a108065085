package dev.strongroom.fingerprint;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What all of an owner's fingerprints derive from. He alone keeps it, and needs it to trace a leak.
 * Printing it prints nothing of it.
 *
 * <p>Thread-safe until it is closed, which zeroes it.
 */
public final class FingerprintRoot implements AutoCloseable {
    public static final int BYTES = 32;
    private static final String VERSION = "strongroom/fingerprint/version/v1/";

    private final byte[] key;

    private FingerprintRoot(byte[] key) {
        this.key = key;
    }

    /**
     * A root that was kept.
     *
     * @param key copied; the caller clears its own
     * @throws IllegalArgumentException if it has not {@link #BYTES} bytes
     */
    public static FingerprintRoot of(byte[] key) {
        if (key.length != BYTES) {
            throw new IllegalArgumentException(
                    "fingerprint root: expected " + BYTES + " bytes, got " + key.length);
        }
        return new FingerprintRoot(key.clone());
    }

    /**
     * The key that is sealed into one version.
     *
     * @param versionId its random id, lower-case hex
     */
    public FingerprintKey forVersion(String versionId) {
        byte[] info = (VERSION + versionId).getBytes(StandardCharsets.US_ASCII);
        return FingerprintKey.of(Hkdf.derive(key, info));
    }

    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public String toString() {
        return "FingerprintRoot";
    }
}

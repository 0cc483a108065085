package dev.strongroom.crypto.keys;

import dev.strongroom.crypto.format.Identity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What is derived from a version's content key (IKM). HKDF-SHA256 is RFC 5869; one block of output
 * is all that a 256-bit key takes.
 */
public final class Derivation {
    public static final int KEY_BYTES = 32;
    private static final byte[] COMMIT = label("strongroom/commit/v1");
    private static final byte[] PLAINTEXT_DIGEST = label("strongroom/plaintext-digest/v1");
    private static final byte[] GUARD = label("strongroom/guard-state/v1");
    private static final byte[] SPLIT = label("strongroom/split/v1");
    private static final byte[] FIRST_BLOCK = {1};

    private Derivation() {}

    /**
     * The content key of a split version: HKDF with no salt over both parts. Whoever has one of
     * them knows nothing of it. The caller zeroes it.
     *
     * @param first what T opens
     * @param second what the owner's agent holds
     */
    public static byte[] splitKey(byte[] first, byte[] second, Identity identity) {
        byte[] both = Arrays.copyOf(first, 2 * KEY_BYTES);
        System.arraycopy(second, 0, both, KEY_BYTES, KEY_BYTES);
        byte[] prk = extract(both, new byte[0]);
        try {
            return expand(prk, SPLIT, identity.version());
        } finally {
            Arrays.fill(both, (byte) 0);
            Arrays.fill(prk, (byte) 0);
        }
    }

    /** Tink's key of one sealed file. The caller zeroes it. */
    public static byte[] fileKey(byte[] ikm, byte[] salt, byte[] fileIdentity) {
        return hkdf(ikm, salt, fileIdentity);
    }

    /**
     * What the digest keys of a version derive from: HKDF's extract step with no salt. It outlives
     * the content key that it comes from, and leads to no file key. The caller zeroes it.
     */
    public static byte[] digestRoot(byte[] ikm) {
        return extract(ikm, new byte[0]);
    }

    /**
     * Key of the plaintext digest of one file. The caller zeroes it.
     *
     * @param digestRoot stays the caller's
     */
    public static byte[] plaintextDigestKey(byte[] digestRoot, byte[] fileIdentity) {
        return expand(digestRoot, PLAINTEXT_DIGEST, fileIdentity);
    }

    /**
     * Key of what a guard remembers and keeps secret of a version: the same for all its seals. The
     * caller zeroes it.
     *
     * @param digestRoot stays the caller's
     */
    public static byte[] guardKey(byte[] digestRoot) {
        return expand(digestRoot, GUARD);
    }

    /** Public value that ties the content key to owner and version. */
    public static byte[] commitment(byte[] ikm, Identity identity) {
        try (var hmac = new Hmac(ikm)) {
            return hmac.update(COMMIT)
                    .update(identity.ownerId().bytes())
                    .update(identity.versionId().bytes())
                    .finish();
        }
    }

    private static byte[] hkdf(byte[] ikm, byte[] salt, byte[] info) {
        byte[] prk = extract(ikm, salt);
        try {
            return expand(prk, info);
        } finally {
            Arrays.fill(prk, (byte) 0);
        }
    }

    private static byte[] extract(byte[] ikm, byte[] salt) {
        try (var hmac = new Hmac(salt)) {
            return hmac.update(ikm).finish();
        }
    }

    private static byte[] expand(byte[] prk, byte[]... info) {
        try (var hmac = new Hmac(prk)) {
            for (byte[] part : info) {
                hmac.update(part);
            }
            return hmac.update(FIRST_BLOCK).finish();
        }
    }

    private static byte[] label(String label) {
        return label.getBytes(StandardCharsets.US_ASCII);
    }
}

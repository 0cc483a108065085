package dev.strongroom.crypto.format;

/**
 * One file of a version, before sealing.
 *
 * @param name plain name, no path: 1 to 255 of {@code A-Za-z0-9._-}
 * @param keyedDigest HMAC-SHA256 of the plaintext under a key that only holders of the content key
 *     can derive; a plain digest would let the vault recognise known weights
 */
public record FileEntry(String name, long plaintextBytes, byte[] keyedDigest) {
    public static final int KEYED_DIGEST_BYTES = 32;
    static final int MAX_NAME_BYTES = 255;

    public FileEntry {
        Strict.requireMatch("file name", name, "[A-Za-z0-9._-]{1,255}");
        if (name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("file name: expected a plain name");
        }
        Strict.requireRange(
                "plaintext bytes", plaintextBytes, 0, SegmentGeometry.MAX_PLAINTEXT_BYTES);
        Strict.requireLength("keyed digest", keyedDigest, KEYED_DIGEST_BYTES);
    }
}

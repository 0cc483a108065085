package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.OaepHash;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * EME-OAEP decoding (RFC 8017, 7.1.2 step 3) of a message of known length, in place. The decoders
 * of SunJCE and Conscrypt both leave the message in an array that nobody can zero.
 *
 * <pre>
 *   | 00 | masked seed hLen | masked: hash of the empty label hLen | 00 … 00 | 01 | message |
 * </pre>
 */
final class Oaep {
    private Oaep() {}

    /**
     * The message; empty when the padding is not that of a message of this length. Takes the same
     * time for every fault.
     *
     * @param encoded the RSA result, as long as the modulus; zeroed
     */
    static Optional<byte[]> decode(byte[] encoded, OaepHash hash, int messageBytes) {
        MessageDigest digest = digest(hash);
        try {
            int hashBytes = digest.getDigestLength();
            int dbStart = 1 + hashBytes;
            int messageStart = encoded.length - messageBytes;
            mask(digest, encoded, dbStart, encoded.length, encoded, 1, dbStart);
            mask(digest, encoded, 1, dbStart, encoded, dbStart, encoded.length);

            byte[] expected = new byte[messageStart];
            System.arraycopy(digest.digest(), 0, expected, dbStart, hashBytes);
            expected[messageStart - 1] = 1;
            Arrays.fill(encoded, 1, dbStart, (byte) 0); // any seed will do
            boolean matches = MessageDigest.isEqual(expected, Arrays.copyOf(encoded, messageStart));
            byte[] message = Arrays.copyOfRange(encoded, messageStart, encoded.length);
            if (matches) {
                return Optional.of(message);
            }
            Arrays.fill(message, (byte) 0);
            return Optional.empty();
        } finally {
            Arrays.fill(encoded, (byte) 0);
            digest.reset();
        }
    }

    /** MGF1 (B.2.1) of {@code [seedStart, seedEnd)}, added to {@code [start, end)}. */
    private static void mask(
            MessageDigest digest,
            byte[] seed,
            int seedStart,
            int seedEnd,
            byte[] target,
            int start,
            int end) {
        int counter = 0;
        for (int offset = start; offset < end; counter++) {
            digest.update(seed, seedStart, seedEnd - seedStart);
            digest.update(
                    new byte[] {
                        (byte) (counter >>> 24),
                        (byte) (counter >>> 16),
                        (byte) (counter >>> 8),
                        (byte) counter
                    });
            byte[] block = digest.digest();
            for (int i = 0; i < block.length && offset < end; i++, offset++) {
                target[offset] ^= block[i];
            }
            Arrays.fill(block, (byte) 0);
        }
    }

    private static MessageDigest digest(OaepHash hash) {
        try {
            return MessageDigest.getInstance(hash.algorithm());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + hash.algorithm(), e);
        }
    }
}

package dev.strongroom.crypto.format;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * How every sealed file begins, as Tink's AES256-GCM-HKDF streaming format has it:
 *
 * <pre>
 *   offset  0             1           33                40
 *           | length = 40 | salt 32   | nonce prefix 7  | segment 0 …
 * </pre>
 *
 * Nothing in it is secret, and no tag covers it. None is needed: the salt goes into the file's key
 * and the prefix into the nonce of every segment, so under another header no segment opens.
 *
 * @param salt of the file's key
 * @param noncePrefix of every segment's nonce
 */
public record FileHeader(byte[] salt, byte[] noncePrefix) {
    /** Length byte, salt and nonce prefix. */
    public static final int BYTES = 40;

    public static final int SALT_BYTES = 32;
    private static final int PREFIX_BYTES = 7;
    private static final int NONCE_BYTES = 12;

    /** Where in its file a segment stands; part of its nonce, so that no file can be cut short. */
    public enum Place {
        INNER(0),
        LAST(1);

        private final int flag;

        Place(int flag) {
            this.flag = flag;
        }
    }

    public FileHeader {
        Strict.requireLength("salt", salt, SALT_BYTES);
        Strict.requireLength("nonce prefix", noncePrefix, PREFIX_BYTES);
    }

    /** A header that no other file has. */
    public static FileHeader draw(SecureRandom random) {
        byte[] drawn = new byte[SALT_BYTES + PREFIX_BYTES];
        random.nextBytes(drawn);
        return of(drawn);
    }

    /**
     * Reads a header. Unauthenticated: whether it is the one that was sealed, only opening a
     * segment under it can say.
     *
     * @throws SealedFormatException unless there are 40 bytes, of which the first is 40
     */
    public static FileHeader decode(byte[] encoded) throws SealedFormatException {
        if (encoded.length != BYTES) {
            throw new SealedFormatException(
                    "segment 0: expected a header of %d bytes, got %d"
                            .formatted(BYTES, encoded.length));
        }
        if (encoded[0] != BYTES) {
            throw new SealedFormatException(
                    "segment 0: expected header length %d at offset 0, got %d"
                            .formatted(BYTES, Byte.toUnsignedInt(encoded[0])));
        }
        return of(Arrays.copyOfRange(encoded, 1, BYTES));
    }

    /** The 40 bytes at the start of the file. */
    public byte[] encode() {
        return ByteBuffer.allocate(BYTES).put((byte) BYTES).put(salt).put(noncePrefix).array();
    }

    /**
     * The nonce of one segment: prefix 7, number 4 (big-endian), 1 for the last one or else 0.
     *
     * @param segment counted from 0
     */
    public byte[] nonce(int segment, Place place) {
        return ByteBuffer.allocate(NONCE_BYTES)
                .put(noncePrefix)
                .putInt(segment)
                .put((byte) place.flag)
                .array();
    }

    private static FileHeader of(byte[] saltAndPrefix) {
        return new FileHeader(
                Arrays.copyOf(saltAndPrefix, SALT_BYTES),
                Arrays.copyOfRange(saltAndPrefix, SALT_BYTES, saltAndPrefix.length));
    }
}

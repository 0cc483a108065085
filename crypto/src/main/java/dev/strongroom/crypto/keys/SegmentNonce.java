package dev.strongroom.crypto.keys;

import dev.strongroom.crypto.format.SegmentGeometry;
import java.nio.ByteBuffer;

/** Nonces of a sealed file: prefix 7 ‖ segment number, 32 bits big-endian ‖ last flag. */
public final class SegmentNonce {
    public static final int BYTES = 12;
    private static final int PREFIX_OFFSET = 1 + SegmentGeometry.SALT_BYTES;

    /** The last segment has a nonce of its own kind, so that truncation cannot go unseen. */
    public enum Place {
        INNER,
        LAST
    }

    private SegmentNonce() {}

    /**
     * The nonce of one segment.
     *
     * @param header of the file; its last 7 bytes are the prefix
     */
    public static byte[] of(byte[] header, int segment, Place place) {
        return ByteBuffer.allocate(BYTES)
                .put(header, PREFIX_OFFSET, SegmentGeometry.NONCE_PREFIX_BYTES)
                .putInt(segment)
                .put((byte) (place == Place.LAST ? 1 : 0))
                .array();
    }
}

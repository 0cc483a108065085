package dev.strongroom.crypto.format;

/**
 * Where the segments of a sealed file lie, in Tink's AES256-GCM-HKDF streaming layout:
 *
 * <pre>
 *   | header 40 | segment 0: ≤ 1,048,520 + tag 16 | segment 1: ≤ 1,048,560 + tag 16 | …
 *   '-------------- 1 MiB --------------------' '--------- 1 MiB -----------'
 * </pre>
 *
 * Every segment but the last is full; the last one is empty only in an empty file.
 *
 * @param plaintextBytes size of the file
 */
public record SegmentGeometry(long plaintextBytes) {
    /** A sealed segment, with its tag and, for the first, the header. */
    public static final int SEGMENT_BYTES = 1024 * 1024;

    public static final int TAG_BYTES = 16;

    /** Plaintext of a full segment after the first. */
    public static final int PLAINTEXT_SEGMENT_BYTES = SEGMENT_BYTES - TAG_BYTES;

    /** Plaintext of a full first segment. */
    public static final int FIRST_PLAINTEXT_SEGMENT_BYTES =
            PLAINTEXT_SEGMENT_BYTES - FileHeader.BYTES;

    /** 4 TiB: far above any model, far below the 2^32 segments of the format. */
    public static final long MAX_PLAINTEXT_BYTES = 1L << 42;

    public SegmentGeometry {
        Strict.requireRange("plaintext bytes", plaintextBytes, 0, MAX_PLAINTEXT_BYTES);
    }

    /**
     * The geometry of a sealed file by its size.
     *
     * @throws SealedFormatException when no sealed file has this size
     */
    public static SegmentGeometry ofSealed(long sealedBytes) throws SealedFormatException {
        long segments = Math.ceilDiv(sealedBytes, SEGMENT_BYTES);
        long plaintext = sealedBytes - FileHeader.BYTES - segments * TAG_BYTES;
        if (plaintext < 0 || plaintext > MAX_PLAINTEXT_BYTES) {
            throw new SealedFormatException("sealed file: no file has " + sealedBytes + " bytes");
        }
        var geometry = new SegmentGeometry(plaintext);
        if (geometry.sealedBytes() != sealedBytes) {
            throw new SealedFormatException("sealed file: no file has " + sealedBytes + " bytes");
        }
        return geometry;
    }

    /** At least 1. */
    public int segments() {
        return Math.toIntExact(
                Math.max(
                        1,
                        Math.ceilDiv(plaintextBytes + FileHeader.BYTES, PLAINTEXT_SEGMENT_BYTES)));
    }

    public long sealedBytes() {
        return FileHeader.BYTES + plaintextBytes + (long) segments() * TAG_BYTES;
    }

    public long plaintextOffset(int segment) {
        requireSegment(segment);
        return segment == 0 ? 0 : (long) segment * PLAINTEXT_SEGMENT_BYTES - FileHeader.BYTES;
    }

    public int plaintextLength(int segment) {
        int full = segment == 0 ? FIRST_PLAINTEXT_SEGMENT_BYTES : PLAINTEXT_SEGMENT_BYTES;
        return (int) Math.min(full, plaintextBytes - plaintextOffset(segment));
    }

    /** Where the segment's ciphertext starts; for the first one, after the header. */
    public long sealedOffset(int segment) {
        requireSegment(segment);
        return segment == 0 ? FileHeader.BYTES : (long) segment * SEGMENT_BYTES;
    }

    /** Ciphertext and tag. */
    public int sealedLength(int segment) {
        return plaintextLength(segment) + TAG_BYTES;
    }

    public FileHeader.Place place(int segment) {
        return segment == segments() - 1 ? FileHeader.Place.LAST : FileHeader.Place.INNER;
    }

    private void requireSegment(int segment) {
        Strict.requireRange("segment", segment, 0, segments() - 1);
    }
}

package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.FileHeader;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.keys.LiveKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens one sealed file piece by piece, in order, as its bytes come. Between two pieces there is no
 * file key and no thread. The destination is unauthenticated until {@link #requireComplete}
 * returned; never act on it before. It is zeroed when anything here throws.
 *
 * <p>For one thread; key and destination stay the caller's and open.
 */
public final class PieceOpener {
    private final SegmentGeometry geometry;
    private final byte[] fileIdentity;
    private final ContentKey key;
    private final MemorySegment destination;
    private final int threads;
    private @Nullable FileHeader header;
    private int next;
    private boolean failed; // and its memory was zeroed

    /**
     * Begins with the first byte of the file.
     *
     * @param sealedBytes that the whole file will have
     * @param plaintextBytes from the content statement
     * @param fileIdentity associated data, from {@link dev.strongroom.crypto.format.Identity#file}
     * @param destination native, exactly {@code plaintextBytes}
     * @param threads at least 1
     * @throws SealedFormatException when no file of that plaintext has that size
     * @throws IllegalArgumentException when the destination is not native or has another size
     */
    public PieceOpener(
            long sealedBytes,
            long plaintextBytes,
            byte[] fileIdentity,
            ContentKey key,
            MemorySegment destination,
            int threads)
            throws SealedFormatException {
        Opener.requireNative("destination", destination);
        if (destination.byteSize() != plaintextBytes || threads < 1) {
            throw new IllegalArgumentException(
                    "destination: expected "
                            + plaintextBytes
                            + " bytes and a thread, got "
                            + destination.byteSize()
                            + " and "
                            + threads);
        }
        this.geometry = new SegmentGeometry(plaintextBytes);
        this.fileIdentity = fileIdentity.clone();
        this.key = key;
        this.destination = destination;
        this.threads = threads;
        orZeroed(() -> Opener.requireSize(sealedBytes, geometry));
    }

    /**
     * Opens the next segments.
     *
     * @param piece native; whole segments of 1 MiB from where the last piece ended, or all that is
     *     left of the file
     * @throws SealedFormatException when the header or a segment is not what was sealed; the
     *     message names the segment
     */
    public void open(MemorySegment piece) throws SealedFormatException {
        open(piece, _ -> {});
    }

    /**
     * The same, and says which ciphertext is done with.
     *
     * @param done takes each sealed segment when it has been opened, on the thread that did
     */
    void open(MemorySegment piece, Consumer<MemorySegment> done) throws SealedFormatException {
        orZeroed(() -> openNext(piece, done));
    }

    /**
     * Returns when the whole file is open and authentic.
     *
     * @throws IllegalStateException when pieces are missing
     */
    public void requireComplete() throws SealedFormatException {
        orZeroed(() -> {
            if (failed || next != geometry.segments()) {
                throw new IllegalStateException(
                        "opened " + next + " of " + geometry.segments() + " segments");
            }
        });
    }

    private void openNext(MemorySegment piece, Consumer<MemorySegment> done)
            throws SealedFormatException {
        if (failed) {
            throw new IllegalStateException("a piece did not open; begin anew");
        }
        Opener.requireNative("sealed", piece);
        long from = (long) next * SegmentGeometry.SEGMENT_BYTES;
        int end = segmentAfter(from + piece.byteSize());
        FileHeader known = header;
        if (known == null) {
            byte[] start = piece.asSlice(0, FileHeader.BYTES).toArray(ValueLayout.JAVA_BYTE);
            known = FileHeader.decode(start);
            header = known;
        }
        try (var fileKey = new LiveKey(fileKey(known))) {
            var segments =
                    new SegmentQueue(piece, from, geometry, known, destination, fileKey, done);
            segments.open(next, end, threads);
        }
        next = end;
    }

    private int segmentAfter(long sealedEnd) {
        if (sealedEnd == geometry.sealedBytes()) {
            return geometry.segments();
        }
        int segment = Math.toIntExact(sealedEnd / SegmentGeometry.SEGMENT_BYTES);
        if (sealedEnd > geometry.sealedBytes()
                || sealedEnd % SegmentGeometry.SEGMENT_BYTES != 0
                || segment == next) {
            throw new IllegalArgumentException(
                    "piece: expected whole segments after segment %d of a file of %d bytes, got an end at %d"
                            .formatted(next, geometry.sealedBytes(), sealedEnd));
        }
        return segment;
    }

    private byte[] fileKey(FileHeader of) {
        return key.derive(ikm -> Derivation.fileKey(ikm, of.salt(), fileIdentity));
    }

    @FunctionalInterface
    private interface Step {
        void run() throws SealedFormatException;
    }

    private void orZeroed(Step step) throws SealedFormatException {
        try {
            step.run();
        } catch (SealedFormatException | RuntimeException | Error e) {
            failed = true;
            destination.fill((byte) 0);
            throw e;
        }
    }
}

package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.FileHeader;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.keys.LiveKey;
import dev.strongroom.crypto.keys.NativeProvider;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.util.function.Consumer;
import javax.crypto.Mac;

/** Verifies and opens sealed files straight from native memory into native memory. */
public final class Opener {
    private Opener() {}

    /**
     * Opens a whole sealed file. The destination is unauthenticated until this returns; never act
     * on it before. It is zeroed when this throws. Both memories must stay open until then.
     *
     * @param sealed the file, native (mapped)
     * @param plaintextBytes from the content statement
     * @param fileIdentity associated data, from {@link dev.strongroom.crypto.format.Identity#file}
     * @param destination native, exactly {@code plaintextBytes}
     * @param threads at least 1
     * @throws SealedFormatException when a size, the header or a segment is not what was sealed;
     *     the message names the segment and the size expected there
     * @throws IllegalArgumentException when memory is not native or the destination has another
     *     size
     */
    public static void open(
            MemorySegment sealed,
            long plaintextBytes,
            byte[] fileIdentity,
            ContentKey key,
            MemorySegment destination,
            int threads)
            throws SealedFormatException {
        open(sealed, plaintextBytes, fileIdentity, key, destination, threads, _ -> {});
    }

    /**
     * The same, and says which ciphertext is done with.
     *
     * @param done takes each sealed segment when it has been opened, on the thread that did
     */
    public static void open(
            MemorySegment sealed,
            long plaintextBytes,
            byte[] fileIdentity,
            ContentKey key,
            MemorySegment destination,
            int threads,
            Consumer<MemorySegment> done)
            throws SealedFormatException {
        requireNative("sealed", sealed);
        var opener =
                new PieceOpener(
                        sealed.byteSize(), plaintextBytes, fileIdentity, key, destination, threads);
        opener.open(sealed, done);
        opener.requireComplete();
    }

    /** Takes the segments of one file in order; not valid after it returns. */
    @FunctionalInterface
    public interface SegmentSink {
        /**
         * Takes the next one.
         *
         * @param plaintext authentic by itself; that the file is whole is known only at its end
         */
        void accept(MemorySegment plaintext) throws IOException;
    }

    /**
     * Opens a sealed file segment by segment into one piece of memory, which is zeroed at the end.
     * The sink runs on the opening thread.
     *
     * @param sealed the file, native (mapped)
     * @param buffer native, at least {@link SegmentGeometry#PLAINTEXT_SEGMENT_BYTES}
     * @throws SealedFormatException as {@link #open}; what the sink got is then a torso
     * @throws IOException from the sink
     */
    public static void openInOrder(
            MemorySegment sealed,
            long plaintextBytes,
            byte[] fileIdentity,
            ContentKey key,
            MemorySegment buffer,
            SegmentSink sink)
            throws SealedFormatException, IOException {
        requireNative("sealed", sealed);
        requireNative("buffer", buffer);
        var geometry = new SegmentGeometry(plaintextBytes);
        FileHeader header = header(sealed, geometry);
        try (var fileKey = new LiveKey(fileKey(header, fileIdentity, key))) {
            var segments = new SegmentWalk(sealed, geometry, header, buffer, fileKey, sink);
            KeyThread.runAll(1, segments);
            segments.requireComplete();
        } finally {
            buffer.fill((byte) 0);
        }
    }

    /**
     * Checks opened bytes against the owner's content statement. The owner's own seal already
     * authenticates them; this also holds when a node sealed them anew.
     *
     * @param plaintext native
     * @throws SealedFormatException when the file is another
     */
    public static void requireDigest(
            MemorySegment plaintext, FileEntry expected, byte[] fileIdentity, ContentKey key)
            throws SealedFormatException {
        requireNative("plaintext", plaintext);
        try (var macKey = new LiveKey(key.digestKey(fileIdentity))) {
            Mac mac = NativeProvider.mac("HmacSHA256");
            mac.init(macKey);
            for (long at = 0; at < plaintext.byteSize(); at += SegmentGeometry.SEGMENT_BYTES) {
                long length = Math.min(SegmentGeometry.SEGMENT_BYTES, plaintext.byteSize() - at);
                mac.update(plaintext.asSlice(at, length).asByteBuffer());
            }
            if (!MessageDigest.isEqual(mac.doFinal(), expected.keyedDigest())) {
                throw new SealedFormatException(
                        "file " + expected.name() + ": not the plaintext that the owner signed");
            }
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("HMAC takes any key", e);
        }
    }

    private static FileHeader header(MemorySegment sealed, SegmentGeometry geometry)
            throws SealedFormatException {
        requireSize(sealed.byteSize(), geometry);
        return FileHeader.decode(
                sealed.asSlice(0, FileHeader.BYTES).toArray(ValueLayout.JAVA_BYTE));
    }

    private static byte[] fileKey(FileHeader header, byte[] fileIdentity, ContentKey key) {
        return key.derive(ikm -> Derivation.fileKey(ikm, header.salt(), fileIdentity));
    }

    static void requireSize(long actual, SegmentGeometry geometry) throws SealedFormatException {
        long expected = geometry.sealedBytes();
        if (actual == expected) {
            return;
        }
        int last = geometry.segments() - 1;
        int segment = (int) Math.min(last, actual / SegmentGeometry.SEGMENT_BYTES);
        throw new SealedFormatException(
                "segment "
                        + segment
                        + ": expected "
                        + geometry.sealedLength(segment)
                        + " bytes here and a file of "
                        + expected
                        + ", got a file of "
                        + actual);
    }

    static void requireNative(String what, MemorySegment memory) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException(
                    what + ": expected native memory; plaintext never passes through the heap");
        }
    }
}

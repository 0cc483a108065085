package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.FileHeader;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.LiveKey;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.crypto.AEADBadTagException;

/**
 * Segments of one file that follow each other, opened by whichever thread comes next; stops at the
 * first bad one.
 */
final class SegmentQueue {
    private static final int NONE = Integer.MAX_VALUE;

    private final MemorySegment sealed;
    private final long sealedFrom;
    private final SegmentGeometry geometry;
    private final FileHeader header;
    private final MemorySegment destination;
    private final LiveKey key;
    private final Consumer<MemorySegment> done;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger firstBad = new AtomicInteger(NONE);

    /**
     * @param sealed that part of the file
     * @param sealedFrom where in the file it begins
     */
    SegmentQueue(
            MemorySegment sealed,
            long sealedFrom,
            SegmentGeometry geometry,
            FileHeader header,
            MemorySegment destination,
            LiveKey key,
            Consumer<MemorySegment> done) {
        this.sealed = sealed;
        this.sealedFrom = sealedFrom;
        this.geometry = geometry;
        this.header = header;
        this.destination = destination;
        this.key = key;
        this.done = done;
    }

    /**
     * Returns when all of them are open; once.
     *
     * @param from the first
     * @param end after the last
     */
    void open(int from, int end, int threads) throws SealedFormatException {
        next.set(from);
        KeyThread.runAll(Math.min(threads, end - from), () -> openUntil(end));
        requireOpen(end - from);
    }

    private void openUntil(int end) {
        var opener = new GcmOpener(key);
        int segment = next.getAndIncrement();
        while (segment < end && firstBad.get() == NONE) {
            open(opener, segment);
            segment = next.getAndIncrement();
        }
    }

    private void requireOpen(int segments) throws SealedFormatException {
        int bad = firstBad.get();
        if (bad != NONE) {
            throw new SealedFormatException(
                    "segment "
                            + bad
                            + ": not the "
                            + geometry.sealedLength(bad)
                            + " bytes that were sealed here for this version and file");
        }
        if (opened.get() != segments) {
            throw new IllegalStateException(
                    "opened " + opened.get() + " of " + segments + " segments");
        }
    }

    private void open(GcmOpener opener, int segment) {
        MemorySegment ciphertext =
                sealed.asSlice(
                        geometry.sealedOffset(segment) - sealedFrom,
                        geometry.sealedLength(segment));
        try {
            opener.open(
                    header.nonce(segment, geometry.place(segment)),
                    new byte[0],
                    ciphertext,
                    destination.asSlice(
                            geometry.plaintextOffset(segment), geometry.plaintextLength(segment)));
            opened.incrementAndGet();
            done.accept(ciphertext);
        } catch (AEADBadTagException e) {
            firstBad.accumulateAndGet(segment, Math::min);
        }
    }
}

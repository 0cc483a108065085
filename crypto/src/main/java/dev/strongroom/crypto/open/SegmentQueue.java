package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.FileHeader;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.LiveKey;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.crypto.AEADBadTagException;

/** The segments of one file, opened by whichever thread comes next; stops at the first bad one. */
final class SegmentQueue implements Runnable {
    private static final int NONE = Integer.MAX_VALUE;

    private final MemorySegment sealed;
    private final SegmentGeometry geometry;
    private final FileHeader header;
    private final MemorySegment destination;
    private final LiveKey key;
    private final Consumer<MemorySegment> done;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger firstBad = new AtomicInteger(NONE);

    SegmentQueue(
            MemorySegment sealed,
            SegmentGeometry geometry,
            FileHeader header,
            MemorySegment destination,
            LiveKey key,
            Consumer<MemorySegment> done) {
        this.sealed = sealed;
        this.geometry = geometry;
        this.header = header;
        this.destination = destination;
        this.key = key;
        this.done = done;
    }

    @Override
    public void run() {
        int segments = geometry.segments();
        var opener = new GcmOpener(key);
        int segment = next.getAndIncrement();
        while (segment < segments && firstBad.get() == NONE) {
            open(opener, segment);
            segment = next.getAndIncrement();
        }
    }

    /** Returns when every segment is open; call it after all threads have ended. */
    void requireComplete() throws SealedFormatException {
        int bad = firstBad.get();
        if (bad != NONE) {
            throw new SealedFormatException(
                    "segment "
                            + bad
                            + ": not the "
                            + geometry.sealedLength(bad)
                            + " bytes that were sealed here for this version and file");
        }
        if (opened.get() != geometry.segments()) {
            throw new IllegalStateException(
                    "opened " + opened.get() + " of " + geometry.segments() + " segments");
        }
    }

    private void open(GcmOpener opener, int segment) {
        MemorySegment ciphertext =
                sealed.asSlice(geometry.sealedOffset(segment), geometry.sealedLength(segment));
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

package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.FileHeader;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.LiveKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/** The segments of one file, opened in order by one thread; stops at the first bad one. */
final class SegmentWalk implements Runnable {
    private final MemorySegment sealed;
    private final SegmentGeometry geometry;
    private final FileHeader header;
    private final MemorySegment buffer;
    private final LiveKey key;
    private final Opener.SegmentSink sink;
    private int opened;
    private @Nullable IOException failure;

    SegmentWalk(
            MemorySegment sealed,
            SegmentGeometry geometry,
            FileHeader header,
            MemorySegment buffer,
            LiveKey key,
            Opener.SegmentSink sink) {
        this.sealed = sealed;
        this.geometry = geometry;
        this.header = header;
        this.buffer = buffer;
        this.key = key;
        this.sink = sink;
    }

    @Override
    public void run() {
        var opener = new GcmOpener(key);
        try {
            while (opened < geometry.segments()) {
                sink.accept(open(opener, opened));
                opened++;
            }
        } catch (AEADBadTagException e) {
            // requireComplete says which
        } catch (IOException e) {
            failure = e;
        }
    }

    /** Returns when every segment was taken; call it after the thread has ended. */
    void requireComplete() throws SealedFormatException, IOException {
        IOException thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
        if (opened < geometry.segments()) {
            throw new SealedFormatException(
                    "segment "
                            + opened
                            + ": not the "
                            + geometry.sealedLength(opened)
                            + " bytes that were sealed here for this version and file");
        }
    }

    private MemorySegment open(GcmOpener opener, int segment) throws AEADBadTagException {
        MemorySegment plaintext = buffer.asSlice(0, geometry.plaintextLength(segment));
        opener.open(
                header.nonce(segment, geometry.place(segment)),
                new byte[0],
                sealed.asSlice(geometry.sealedOffset(segment), geometry.sealedLength(segment)),
                plaintext);
        return plaintext;
    }
}

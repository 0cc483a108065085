package dev.strongroom.crypto.seal;

import dev.strongroom.crypto.format.SegmentGeometry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * Cuts what a channel gives into segments; in native memory, which is zeroed on close. Not
 * thread-safe.
 */
final class PlainReader implements AutoCloseable {
    private final Arena arena = Arena.ofShared();

    // One byte more than a segment's plaintext: reading it tells that the segment is not the last.
    private final MemorySegment plainMemory =
            arena.allocate(SegmentGeometry.PLAINTEXT_SEGMENT_BYTES + 1L);
    private final ByteBuffer plain = plainMemory.asByteBuffer();
    private final ReadableByteChannel in;

    /**
     * @param in stays the caller's
     */
    PlainReader(ReadableByteChannel in) {
        this.in = in;
    }

    SealedFile sealAll(SegmentStream stream) throws IOException {
        while (fill(stream.nextBytes() + 1)) {
            int full = stream.nextBytes();
            stream.add(plain.slice(0, full));
            plain.position(full);
            plain.compact();
        }
        return stream.finish(plain.flip());
    }

    /** Reads until {@code plain} holds {@code wanted} bytes; false at the end of the file. */
    private boolean fill(int wanted) throws IOException {
        plain.limit(wanted);
        while (plain.hasRemaining()) {
            if (in.read(plain) < 0) {
                return false;
            }
        }
        plain.flip();
        return true;
    }

    @Override
    public void close() {
        plainMemory.fill((byte) 0);
        arena.close();
    }
}

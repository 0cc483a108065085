package dev.strongroom.testkit.hunt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Searches a stretch of an opened file or process in pieces that overlap by one needle, page by
 * page where the kernel refuses a larger read. For one thread.
 */
final class Stretches {
    private static final int PIECE_BYTES = 4 << 20;

    private final Haystack haystack;
    private final byte[] buffer;

    Stretches(Haystack haystack) {
        this.haystack = haystack;
        this.buffer = new byte[PIECE_BYTES + Needles.LONGEST];
    }

    /**
     * Reports needles that start within [from, to) and end before {@code limit}; {@code tally}
     * counts what could be read.
     */
    void search(FileChannel channel, long from, long to, long limit, Tally tally) {
        for (long at = from; at < to; ) {
            int starts = (int) Math.min(PIECE_BYTES, to - at);
            int wanted = (int) Math.min(starts + haystack.overlap(), limit - at);
            int got = read(channel, at, wanted);
            if (got > 0) {
                int covered = Math.min(starts, got);
                haystack.search(buffer, covered, got, tally);
                tally.scanned(covered);
                at += covered;
            } else {
                long next = Math.min(to, (at / PageMap.PAGE + 1) * PageMap.PAGE);
                tally.unreadable(next - at);
                at = next;
            }
        }
    }

    private int read(FileChannel channel, long at, int wanted) {
        int got = readOnce(channel, at, wanted);
        // One unreadable page fails the whole read: look at what comes before it.
        return got > 0 ? got : readOnce(channel, at, Math.min(wanted, firstPage(at)));
    }

    private static int firstPage(long at) {
        return (int) (PageMap.PAGE - at % PageMap.PAGE);
    }

    private int readOnce(FileChannel channel, long at, int wanted) {
        ByteBuffer target = ByteBuffer.wrap(buffer, 0, wanted);
        try {
            while (target.hasRemaining()) {
                if (channel.read(target, at + target.position()) <= 0) {
                    break;
                }
            }
        } catch (IOException unmappedOrSecret) {
            // What was read before the hole is still searched; the hole itself is counted.
            return target.position();
        }
        return target.position();
    }
}

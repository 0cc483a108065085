package dev.strongroom.testkit.hunt;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Finds every needle at every byte offset of a buffer: one eight-byte load, one multiplication and
 * one bit of a small table per offset, and a comparison for the few that pass.
 *
 * <p>Immutable and safe for several threads.
 */
final class Haystack {
    /** Told about each place where a needle starts. */
    interface Hit {
        void at(int needle, int position);
    }

    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long GOLDEN =
            0x9E3779B97F4A7C15L; // 2^64 / golden ratio: Fibonacci hashing

    /** A block of zeros is skipped at a stroke: no needle starts with eight zero bytes. */
    private static final int BLOCK = 4096;

    private static final byte[] ZEROS = new byte[BLOCK];

    private final Needles needles;
    private final long maskWord;
    private final long[] filter;
    private final int filterShift;
    private final int[] firstOfSlot;
    private final int[] nextOfNeedle;
    private final int slotShift;

    Haystack(Needles needles) {
        this.needles = needles;
        this.maskWord = needles.maskWord();
        // 32 bits per needle let about 3 % of random offsets pass; 64 KiB at least costs nothing.
        int filterBits = log2(Math.max(1 << 16, needles.count() * 32));
        int slotBits = log2(Math.max(16, needles.count() * 2));
        this.filter = new long[1 << (filterBits - 6)];
        this.filterShift = 64 - filterBits;
        this.slotShift = 64 - slotBits;
        this.firstOfSlot = new int[1 << slotBits];
        this.nextOfNeedle = new int[needles.count()];
        Arrays.fill(firstOfSlot, -1);
        for (int needle = 0; needle < needles.count(); needle++) {
            long hash = needles.maskedWord(needle) * GOLDEN;
            int bit = (int) (hash >>> filterShift);
            filter[bit >>> 6] |= 1L << bit;
            int slot = (int) (hash >>> slotShift);
            nextOfNeedle[needle] = firstOfSlot[slot];
            firstOfSlot[slot] = needle;
        }
    }

    private static int log2(int value) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(value - 1);
    }

    /** How many bytes of the next buffer a needle that starts at the end of this one can reach. */
    int overlap() {
        return needles.longest() - 1;
    }

    /**
     * Reports needles that start before {@code starts} and lie within the first {@code length}
     * bytes.
     */
    void search(byte[] buffer, int starts, int length, Hit hit) {
        int end = Math.min(starts, length - Needles.SHORTEST + 1);
        for (int block = 0; block < end; block += BLOCK) {
            int blockEnd = Math.min(block + BLOCK, end);
            boolean zeros =
                    block + BLOCK <= length
                            && Arrays.equals(buffer, block, block + BLOCK, ZEROS, 0, BLOCK);
            searchBlock(
                    buffer, zeros ? Math.max(block, blockEnd - 8) : block, blockEnd, length, hit);
        }
    }

    private void searchBlock(byte[] buffer, int from, int to, int length, Hit hit) {
        for (int position = from; position < to; position++) {
            long hash = ((long) WORD.get(buffer, position) ^ maskWord) * GOLDEN;
            int bit = (int) (hash >>> filterShift);
            if (((filter[bit >>> 6] >>> bit) & 1) != 0) {
                compare(buffer, position, length, hash, hit);
            }
        }
    }

    private void compare(byte[] buffer, int position, int length, long hash, Hit hit) {
        int needle = firstOfSlot[(int) (hash >>> slotShift)];
        for (; needle >= 0; needle = nextOfNeedle[needle]) {
            if (position + needles.length(needle) <= length
                    && needles.matches(needle, buffer, position)) {
                hit.at(needle, position);
            }
        }
    }
}

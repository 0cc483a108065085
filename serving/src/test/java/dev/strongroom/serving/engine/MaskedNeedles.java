package dev.strongroom.serving.engine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Byte strings to look for, complemented all the time, so that they themselves are not found. */
final class MaskedNeedles {
    private static final int FILTER_BITS = 24;

    private final Map<Long, byte[]> byStart = new HashMap<>();
    private final BitSet filter = new BitSet(1 << FILTER_BITS);
    private final int bytes;

    /**
     * @param masked complemented, of one length, with starts that tell them apart
     */
    MaskedNeedles(List<byte[]> masked) {
        bytes = masked.getFirst().length;
        for (byte[] needle : masked) {
            long start = ByteBuffer.wrap(needle).order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (needle.length != bytes || byStart.put(start, needle) != null) {
                throw new IllegalArgumentException("needles of one length and other starts");
            }
            filter.set(place(start));
        }
    }

    /** Of each. */
    int bytes() {
        return bytes;
    }

    boolean isAt(MemorySegment memory, long at) {
        long start = ~memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
        if (!filter.get(place(start))) {
            return false;
        }
        byte[] needle = byStart.get(start);
        return needle != null && matches(needle, memory, at);
    }

    private static boolean matches(byte[] needle, MemorySegment memory, long at) {
        for (int i = 0; i < needle.length; i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, at + i) != (byte) ~needle[i]) {
                return false;
            }
        }
        return true;
    }

    private static int place(long start) {
        return (int) ((start * 0x9E3779B97F4A7C15L) >>> -FILTER_BITS);
    }
}

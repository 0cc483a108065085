package dev.strongroom.crypto.open;

import dev.strongroom.crypto.keys.Derivation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Function;

/**
 * The content key of one version, checked against its commitment. Only {@link ReleaseKey#open}
 * makes one. It lies in native memory, where no collector copies it.
 *
 * <p>The caller closes it when the version is loaded; closing zeroes it. Thread-safe but for
 * closing during use.
 */
public final class ContentKey implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment key = arena.allocate(Derivation.KEY_BYTES);

    /** Copies the key; the caller zeroes its array. */
    ContentKey(byte[] ikm) {
        MemorySegment.copy(ikm, 0, key, ValueLayout.JAVA_BYTE, 0, Derivation.KEY_BYTES);
    }

    /** Runs one derivation on a copy that is zeroed before this returns. */
    byte[] derive(Function<byte[], byte[]> derivation) {
        byte[] copy = new byte[Derivation.KEY_BYTES];
        try {
            MemorySegment.copy(key, ValueLayout.JAVA_BYTE, 0, copy, 0, copy.length);
            return derivation.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    /** Zeroes the key; more than once is the same as once. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            key.fill((byte) 0);
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "ContentKey[redacted]";
    }
}

package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.keys.Derivation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The second part of a split version's content key, as the owner's agent released it. Only {@link
 * ReleaseKey#openPart} makes one. It lies in native memory, where no collector copies it.
 *
 * <p>The caller closes it once the content key is open; closing zeroes it. Not thread-safe.
 */
public final class SecondPart implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment part = arena.allocate(Derivation.KEY_BYTES);

    private SecondPart() {}

    /** Zeroes {@code bytes}. */
    static SecondPart keep(byte[] bytes) {
        var second = new SecondPart();
        MemorySegment.copy(bytes, 0, second.part, ValueLayout.JAVA_BYTE, 0, Derivation.KEY_BYTES);
        Arrays.fill(bytes, (byte) 0);
        return second;
    }

    /** The content key. Zeroes {@code first}; the caller zeroes what it gets. */
    byte[] join(byte[] first, Identity identity) {
        byte[] second = part.toArray(ValueLayout.JAVA_BYTE);
        try {
            return Derivation.splitKey(first, second, identity);
        } finally {
            Arrays.fill(first, (byte) 0);
            Arrays.fill(second, (byte) 0);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            part.fill((byte) 0);
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "SecondPart[redacted]";
    }
}

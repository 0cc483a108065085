package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.SealedFormatException;
import java.lang.foreign.MemorySegment;

/** Verifies and opens sealed files straight from native memory into native memory. */
public final class Opener {
    private Opener() {}

    /**
     * Opens a whole sealed file. The destination is unauthenticated until this returns; never act
     * on it before. It is zeroed when this throws.
     *
     * @param sealed the file, native (mapped), exactly its size
     * @param plaintextBytes from the content statement
     * @param fileIdentity associated data, from {@link dev.strongroom.crypto.format.Identity#file}
     * @param destination native, exactly {@code plaintextBytes}
     * @param threads at least 1
     * @throws SealedFormatException when a size, header or segment is not what the key sealed; it
     *     names the segment
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
        throw new SealedFormatException("opener: cannot open yet");
    }
}

package dev.strongroom.crypto.custody;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Where the token's PIN comes from. A source is kept, never the PIN: it is read for one login and
 * forgotten.
 */
@FunctionalInterface
public interface PinSource {
    /**
     * Reads the PIN into native memory, so that it is never an object in the Java heap. The caller
     * zeroes the segment before it closes the arena.
     *
     * @return exactly the bytes of the PIN
     * @throws CustodyException PIN_NOT_USABLE if it cannot be read or others could read it
     */
    MemorySegment read(Arena arena) throws CustodyException;

    /**
     * A file that only its owner can read (mode 0600 or 0400), for example a systemd credential.
     * One trailing line end does not belong to the PIN. The file is checked and read at each login.
     */
    static PinSource file(Path path) {
        return new PinFile(path);
    }
}

package dev.strongroom.crypto.custody;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

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
     * A file that only its owner can read (mode 0600 or 0400). One trailing line end does not
     * belong to the PIN. The file is checked and read at each login.
     */
    static PinSource file(Path path) {
        return new PinFile(path, PinFile.Readers.OWNER);
    }

    /**
     * A credential that systemd passes to this service (LoadCredential=). The environment variable
     * CREDENTIALS_DIRECTORY names its folder.
     *
     * @throws IllegalArgumentException if this is no name but a path
     */
    static PinSource credential(String name) {
        return new PinCredential(name, () -> System.getenv("CREDENTIALS_DIRECTORY"));
    }

    /**
     * What a program prints, for example one that asks a secret manager. It runs at each login,
     * without a shell, with ten seconds to answer; its standard error is dropped.
     *
     * @param argv the program's absolute path and its arguments, which must not hold the PIN: other
     *     processes can see them
     * @throws IllegalArgumentException without an absolute path
     */
    static PinSource command(List<String> argv) {
        return new PinCommand(argv, Duration.ofSeconds(10));
    }
}

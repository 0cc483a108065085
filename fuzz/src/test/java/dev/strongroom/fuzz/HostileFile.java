package dev.strongroom.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A file with hostile content, for readers that take a path; in memory where the system can. */
public final class HostileFile {
    private final Path file;

    private HostileFile(Path file) {
        this.file = file;
    }

    /** A new private folder with a file of this name, both removed when the JVM ends. */
    public static HostileFile named(String name) {
        try {
            Path memory = Path.of("/dev/shm");
            var ownerOnly =
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------"));
            Path folder =
                    Files.isWritable(memory)
                            ? Files.createTempDirectory(memory, "strongroom-fuzz", ownerOnly)
                            : Files.createTempDirectory("strongroom-fuzz", ownerOnly);
            folder.toFile().deleteOnExit();
            Path file = folder.resolve(name);
            file.toFile().deleteOnExit();
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            return new HostileFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file, with this content. */
    public Path with(byte[] content) throws IOException {
        return Files.write(file, content);
    }
}

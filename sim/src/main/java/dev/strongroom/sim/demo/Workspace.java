package dev.strongroom.sim.demo;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * Two fresh folders of mode 0700: the owner's, the only place where plaintext may be, in memory
 * where the machine has a file system there; and one for everything else. Closing deletes both.
 */
public final class Workspace implements AutoCloseable {
    private static final Path MEMORY = Path.of("/dev/shm");

    private final Path owner;
    private final Path rest;

    private Workspace(Path owner, Path rest) {
        this.owner = owner;
        this.rest = rest;
    }

    /** Makes both. */
    public static Workspace create() throws IOException {
        Path memory =
                Files.isDirectory(MEMORY) && Files.isWritable(MEMORY)
                        ? MEMORY
                        : Path.of(System.getProperty("java.io.tmpdir"));
        return new Workspace(
                Files.createTempDirectory(memory, "strongroom-owner-", mode()),
                Files.createTempDirectory("strongroom-demo-", mode()));
    }

    private static FileAttribute<?> mode() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    }

    /** The owner's folder. */
    public Path owner() {
        return owner;
    }

    /** The context folder of the owner's command line. */
    public String ownerContext() {
        return owner.resolve("context").toString();
    }

    /** A folder inside the owner's, made when missing. */
    public Path ownerFolder(String name) throws IOException {
        return Files.createDirectories(owner.resolve(name), mode());
    }

    /** A folder or file beside the owner's. */
    public Path path(String name) {
        return rest.resolve(name);
    }

    /** All but the owner's folder. */
    public Path rest() {
        return rest;
    }

    /** The same text with the two folders' names put back to what a reader would type. */
    String shortened(String text) {
        return text.replace(owner.toString(), "$OWNER").replace(rest.toString(), "$W");
    }

    @Override
    public void close() throws IOException {
        delete(owner);
        delete(rest);
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        return FileVisitResult.CONTINUE; // wiped by its own maker meanwhile
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @Nullable IOException e) throws IOException {
                        Files.deleteIfExists(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}

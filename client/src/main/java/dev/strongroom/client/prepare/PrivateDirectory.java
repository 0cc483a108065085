package dev.strongroom.client.prepare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder that only its owner can enter, whose files are overwritten and deleted on {@link
 * #close()}, on the JVM's exit, and, after a crash, by {@link #wipeLeftovers}.
 *
 * <p>Overwriting reaches the bytes on tmpfs and on file systems that write in place; on others, and
 * on flash memory, old blocks may outlive it. {@link #onTmpfs()} tells.
 *
 * <p>Not thread-safe.
 */
public final class PrivateDirectory implements AutoCloseable {
    private static final String PREFIX = "prepare-";
    private static final String LOCK_SUFFIX = ".lock";
    private static final int WIPE_CHUNK_BYTES = 1 << 20;

    private final Path path;
    private final Path lockFile;
    private final FileChannel lockChannel;
    private final Thread atExit = new Thread(this::wipeQuietly, "wipe-prepared");

    private PrivateDirectory(Path path, Path lockFile, FileChannel lockChannel) {
        this.path = path;
        this.lockFile = lockFile;
        this.lockChannel = lockChannel;
    }

    /** Makes a new empty one in {@code parent}, which is created with mode 0700 when missing. */
    public static PrivateDirectory create(Path parent) throws IOException {
        var ownerOnly =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(parent, ownerOnly);
        Files.setPosixFilePermissions(parent, ownerOnly.value());
        Path path = Files.createTempDirectory(parent, PREFIX, ownerOnly);
        Path lockFile = lockFile(path);
        FileChannel channel = openLock(lockFile);
        if (channel.tryLock() == null) {
            throw new IllegalStateException("a new folder cannot be locked by another process");
        }
        var directory = new PrivateDirectory(path, lockFile, channel);
        Runtime.getRuntime().addShutdownHook(directory.atExit);
        return directory;
    }

    /**
     * Wipes what processes that no longer live left behind in {@code parent}; folders in use stay.
     *
     * @return how many folders were wiped
     */
    public static int wipeLeftovers(Path parent) throws IOException {
        int wiped = 0;
        for (Path leftover : list(parent)) {
            try (FileChannel channel = openLock(lockFile(leftover));
                    FileLock lock = tryLock(channel)) {
                if (lock != null) {
                    wipe(leftover);
                    Files.deleteIfExists(lockFile(leftover));
                    wiped++;
                }
            }
        }
        return wiped;
    }

    public Path path() {
        return path;
    }

    /** True when nothing written here reaches a disk, swap aside. */
    public boolean onTmpfs() throws IOException {
        return Files.getFileStore(path).type().equals("tmpfs");
    }

    @Override
    public void close() throws IOException {
        try {
            wipe(path);
            Files.deleteIfExists(lockFile);
        } finally {
            lockChannel.close();
        }
        forgetExitHook();
    }

    private void forgetExitHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // the JVM is exiting; the hook finds nothing left to do
        }
    }

    private void wipeQuietly() {
        try {
            wipe(path);
            Files.deleteIfExists(lockFile);
        } catch (IOException e) {
            System.err.println("could not wipe " + path + "; the next push tries again");
        }
    }

    /** Overwrites every file below, then removes everything; links are removed, not followed. */
    private static void wipe(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        if (attributes.isRegularFile()) {
                            overwrite(file, attributes.size());
                        }
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e)
                            throws IOException {
                        if (e instanceof NoSuchFileException) {
                            return FileVisitResult.CONTINUE;
                        }
                        throw e;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @Nullable IOException e) throws IOException {
                        if (e != null) {
                            throw e;
                        }
                        Files.deleteIfExists(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private static void overwrite(Path file, long bytes) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            var zeros = ByteBuffer.allocateDirect(WIPE_CHUNK_BYTES);
            for (long at = 0; at < bytes; at += zeros.limit()) {
                zeros.clear().limit((int) Math.min(WIPE_CHUNK_BYTES, bytes - at));
                while (zeros.hasRemaining()) {
                    channel.write(zeros, at + zeros.position());
                }
            }
            channel.force(false);
        }
    }

    private static List<Path> list(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(parent)) {
            return entries.filter(path -> path.getFileName().toString().startsWith(PREFIX))
                    .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
    }

    private static Path lockFile(Path directory) {
        var parent = Objects.requireNonNull(directory.getParent(), "made inside a parent");
        return parent.resolve(directory.getFileName() + LOCK_SUFFIX);
    }

    private static FileChannel openLock(Path lockFile) throws IOException {
        return FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // in use by this very process
        }
    }
}

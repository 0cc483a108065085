package dev.strongroom.config;

import dev.strongroom.config.ServiceException.Exit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The folder of a service that nobody else enters, with a lock that keeps a second process out.
 * What is written to it is durable and its owner's alone to read.
 *
 * <p>For one thread.
 */
public final class ServiceFolder implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE =
            PosixFilePermissions.fromString("rw-------");

    private final Path root;
    private final FileChannel lock;

    private ServiceFolder(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    /**
     * Makes the folder where it is missing, and locks it.
     *
     * @param service what the other process would be, for the message: {@code witness}
     */
    public static ServiceFolder open(Path root, String service)
            throws IOException, ServiceException {
        Files.createDirectories(root, PosixFilePermissions.asFileAttribute(OWNER));
        if (!OWNER.containsAll(Files.getPosixFilePermissions(root))) {
            throw new ServiceException(
                    Exit.LOCAL, "others may enter " + root + "; run: chmod 700 " + root);
        }
        var lock =
                FileChannel.open(
                        root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isLocked(lock)) {
            lock.close();
            throw new ServiceException(
                    Exit.LOCAL, "data folder " + root + " is in use by another " + service);
        }
        return new ServiceFolder(root, lock);
    }

    public Path root() {
        return root;
    }

    public Path resolve(String name) {
        return root.resolve(name);
    }

    /** Refuses a file that others may read; {@code what} is in it. */
    public void requireOwnersOnly(String name, String what) throws IOException, ServiceException {
        Path file = resolve(name);
        if (!OWNER_FILE.containsAll(Files.getPosixFilePermissions(file))) {
            throw new ServiceException(
                    Exit.LOCAL, "others may read the " + what + "; run: chmod 600 " + file);
        }
    }

    /**
     * Writes a file that is not there yet; returns when file and name are durable.
     *
     * @throws FileAlreadyExistsException and leaves the one that is there alone
     */
    public void writeNew(String name, byte[] bytes) throws IOException {
        try (var channel =
                FileChannel.open(
                        resolve(name),
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER_FILE))) {
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        try (var directory = FileChannel.open(root, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // the other one is in this process
        }
    }

    /** Lets another process in. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}

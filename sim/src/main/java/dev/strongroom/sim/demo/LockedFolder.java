package dev.strongroom.sim.demo;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A fresh folder of mode 0700, with a file in it that its process holds locked. Closing deletes the
 * folder; a process that is killed cannot, so the next one that makes a folder of that name deletes
 * those whose lock nobody holds.
 */
final class LockedFolder implements AutoCloseable {
    private static final String LOCK = ".lock";
    private static final String UNLOCKED = "new-"; // until it is locked; nobody deletes it

    /** Of this process, which would lose its locks by closing another channel of their files. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel lock;

    private LockedFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** Deletes what dead processes left there under this name, and makes a new one. */
    static LockedFolder create(Path parent, String name) throws IOException {
        Path fresh = Files.createTempDirectory(parent, UNLOCKED + name, mode());
        FileChannel lock =
                FileChannel.open(
                        fresh.resolve(LOCK),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE);
        if (lock.tryLock() == null) {
            throw new IOException(fresh + ": another process has locked it");
        }
        Path folder =
                fresh.resolveSibling(fresh.getFileName().toString().substring(UNLOCKED.length()));
        OWN.add(folder);
        Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
        deleteDead(parent, name, folder);
        return new LockedFolder(folder, lock);
    }

    static FileAttribute<?> mode() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    }

    private static void deleteDead(Path parent, String name, Path mine) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, name + "*")) {
            for (Path folder : left) {
                if (!OWN.contains(folder)) {
                    deleteIfDead(folder, mine);
                }
            }
        }
    }

    private static void deleteIfDead(Path folder, Path mine) {
        try {
            if (isLockedFolder(folder)
                    && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
                            .equals(Files.getOwner(mine))) {
                deleteIfFree(folder);
            }
        } catch (IOException | OverlappingFileLockException beingDeleted) {
            // by its own process or another one; what is not is left to the next one
        }
    }

    private static boolean isLockedFolder(Path folder) {
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.isRegularFile(folder.resolve(LOCK), LinkOption.NOFOLLOW_LINKS);
    }

    private static void deleteIfFree(Path folder) throws IOException {
        try (FileChannel other = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
                var free = other.tryLock()) {
            if (free != null) {
                delete(folder);
            }
        }
    }

    Path path() {
        return folder;
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            delete(folder);
        } finally {
            OWN.remove(folder);
        }
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

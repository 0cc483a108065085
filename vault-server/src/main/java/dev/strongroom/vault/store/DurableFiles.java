package dev.strongroom.vault.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** File operations whose names survive a power cut once they return. */
final class DurableFiles {
    private DurableFiles() {}

    /** Makes the folder and its missing parents, and syncs the folder each was made in. */
    static void createDirectories(Path dir) throws IOException {
        if (Files.isDirectory(dir)) {
            return;
        }
        Path parent = dir.getParent();
        if (parent != null) {
            createDirectories(parent);
        }
        Files.createDirectories(dir); // another upload may have made it meanwhile
        if (parent != null) {
            sync(parent);
        }
    }

    /** Moves a file that is already synced to its final name. */
    static void publish(Path from, Path to) throws IOException {
        Path target = to.toAbsolutePath().getParent();
        Path source = from.toAbsolutePath().getParent();
        if (target == null || source == null) {
            throw new IOException("expected files inside the data folder");
        }
        createDirectories(target);
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync(target);
        sync(source);
    }

    /** Syncs a folder's names. */
    static void sync(Path dir) throws IOException {
        try (var channel = FileChannel.open(dir, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Deletes a folder with everything in it; a missing one is fine. */
    static void deleteTree(Path dir) throws IOException {
        try {
            Files.walkFileTree(dir, new Deletion());
        } catch (NoSuchFileException e) {
            // gone already
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure)
                throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.deleteIfExists(dir);
            return FileVisitResult.CONTINUE;
        }
    }
}

package dev.strongroom.testkit.hunt;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks at every byte of files and folders: the catalogue, objects, logs, temporary files, heap
 * dumps, core files. Links are not followed; files that vanish meanwhile are passed over.
 */
public final class FileHunt {
    private final Needles needles;
    private final Haystack haystack;

    public FileHunt(Needles needles) {
        this.needles = needles;
        this.haystack = new Haystack(needles);
    }

    /**
     * Looks at everything below {@code roots}.
     *
     * @param roots files or folders
     * @param leftOut folders below them that are not looked at, such as the owner's own
     */
    public HuntReport hunt(Collection<Path> roots, Set<Path> leftOut) throws IOException {
        long began = System.nanoTime();
        Map<String, Tally> tallies = new LinkedHashMap<>();
        var stretches = new Stretches(haystack);
        for (Path file : files(roots, leftOut)) {
            Tally tally =
                    tallies.computeIfAbsent(file.toString(), path -> new Tally(needles.count()));
            try {
                search(file, stretches, tally);
            } catch (NoSuchFileException gone) {
                tallies.remove(file.toString());
            }
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        return HuntReport.of(roots.toString(), needles, tallies, took);
    }

    /**
     * The files that a process holds open although no folder names them any more, as paths under
     * /proc that can be hunted like any other.
     */
    public static List<Path> deletedButOpen(long pid) throws IOException {
        List<Path> deleted = new ArrayList<>();
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors) {
                if (deletedFile(descriptor)) {
                    deleted.add(descriptor);
                }
            }
        }
        return deleted;
    }

    private static boolean deletedFile(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString().endsWith(" (deleted)")
                    && Files.isRegularFile(descriptor);
        } catch (NoSuchFileException closedMeanwhile) {
            return false;
        }
    }

    private void search(Path file, Stretches stretches, Tally tally) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (SparseFile.Extent extent : SparseFile.extents(file)) {
                stretches.search(channel, extent.start(), extent.end(), extent.end(), tally);
            }
        }
    }

    private static List<Path> files(Collection<Path> roots, Set<Path> leftOut) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path root : roots) {
            if (Files.isRegularFile(root)) {
                files.add(root); // a root may be a link, as those of deletedButOpen are
                continue;
            }
            Files.walkFileTree(root, new Collector(leftOut, files));
        }
        return files;
    }

    private static final class Collector extends SimpleFileVisitor<Path> {
        private final Set<Path> leftOut;
        private final List<Path> files;

        Collector(Set<Path> leftOut, List<Path> files) {
            this.leftOut = leftOut;
            this.files = files;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return leftOut.contains(folder)
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
                files.add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }
    }
}

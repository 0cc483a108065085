package dev.strongroom.ops.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Folders and regular files below a root, by path, as an image holds them: everything belongs to
 * root, times are fixed, and of the mode only the right to run a file is kept.
 *
 * @param entries in the order of their paths' UTF-16 units
 */
public record FileTree(List<Entry> entries) {
    /** One thing in the tree. */
    public sealed interface Entry {
        /** Relative, with slashes. */
        String path();

        /** Permission bits. */
        default int mode() {
            return switch (this) {
                case Folder _ -> 0755;
                case Regular file -> file.executable() ? 0755 : 0644;
            };
        }
    }

    /** A folder. */
    public record Folder(String path) implements Entry {}

    /**
     * A file.
     *
     * @param source where its bytes are now
     */
    public record Regular(String path, Path source, long bytes, boolean executable)
            implements Entry {}

    public FileTree {
        entries = entries.stream().sorted(Comparator.comparing(Entry::path)).toList();
    }

    /**
     * Reads a folder.
     *
     * @throws IOException also for what is neither a folder nor a regular file, links included
     */
    public static FileTree of(Path root) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.filter(p -> !p.equals(root)).toList()) {
                entries.add(entry(root, path));
            }
        }
        return new FileTree(entries);
    }

    private static Entry entry(Path root, Path path) throws IOException {
        String name = root.relativize(path).toString();
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return new Folder(name);
        }
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return new Regular(name, path, Files.size(path), Files.isExecutable(path));
        }
        throw new IOException(path + ": expected a folder or a regular file");
    }

    /** Bytes of all files. */
    public long bytes() {
        return entries.stream()
                .mapToLong(entry -> entry instanceof Regular file ? file.bytes() : 0)
                .sum();
    }
}

package dev.strongroom.ops.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Builds the node's image without a container engine: {@code tree/}, {@code node.tar} and, where
 * mkfs.erofs is installed, {@code node.erofs} with its hash tree {@code node.verity}. The same
 * inputs (this build, the JDK, the machine's C library) give the same bytes.
 */
public final class ImageBuilder {
    /** The time of every file in an image. */
    public static final Instant MOMENT = Instant.parse("2026-11-22T00:00:00Z");

    static final String TREE = "tree";
    static final String TAR = "node.tar";
    static final String EROFS = "node.erofs";
    static final String VERITY = "node.verity";

    private static final List<String> FILES =
            List.of("etc/passwd", "etc/group", "etc/nsswitch.conf", "etc/hosts");
    private static final List<String> MOUNT_POINTS =
            List.of("dev", "proc", "sys", "tmp", "run", "etc/strongroom", "var/lib/strongroom");
    private static final String MAIN = "dev.strongroom.serving/dev.strongroom.serving.Main";
    private static final String AOT_OPTION = "-XX:AOTCache=/strongroom/start.aot";

    private final Path javaHome;
    private final Path libraries;
    private final Optional<Path> startCache;

    /**
     * @param javaHome a JDK with jlink
     * @param libraries the node's jars
     * @param startCache an AOT cache made by a run of this very image; its bytes are an input,
     *     since no two runs make the same
     */
    public ImageBuilder(Path javaHome, Path libraries, Optional<Path> startCache) {
        this.javaHome = javaHome;
        this.libraries = libraries;
        this.startCache = startCache;
    }

    /**
     * Builds into a folder that is empty or not there yet.
     *
     * @throws IOException also when it holds something already
     */
    public References build(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        try (Stream<Path> there = Files.list(folder)) {
            if (there.findAny().isPresent()) {
                throw new IOException(folder + ": expected an empty folder");
            }
        }
        Path tree = Files.createDirectory(folder.resolve(TREE));
        fill(tree);
        settle(tree);
        Tar.write(FileTree.of(tree), folder.resolve(TAR));
        return References.write(tree, folder);
    }

    private void fill(Path tree) throws IOException, InterruptedException {
        Path own = Files.createDirectory(tree.resolve("strongroom"));
        JavaRuntime.link(javaHome, own.resolve("runtime"));
        NodeLibraries.copy(libraries, own.resolve("lib"), own.resolve("native"));
        JavaRuntime.requireComplete(own.resolve("runtime"), own.resolve("lib"), MAIN);
        SharedObjects.copy(tree);
        for (String folder : MOUNT_POINTS) {
            Files.createDirectories(tree.resolve(folder));
        }
        for (String file : FILES) {
            Files.write(tree.resolve(file), resource("rootfs/" + file));
        }
        Files.write(own.resolve("node.jvm"), options());
        if (startCache.isPresent()) {
            Files.copy(startCache.get(), own.resolve("start.aot"));
        }
    }

    private List<String> options() throws IOException {
        Stream<String> lines = new String(resource("node.jvm"), StandardCharsets.UTF_8).lines();
        return startCache.isEmpty()
                ? lines.toList()
                : lines.flatMap(line ->
                                line.startsWith("--module-path=")
                                        ? Stream.of(AOT_OPTION, line)
                                        : Stream.of(line))
                        .toList();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = ImageBuilder.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is missing in this build");
            }
            return in.readAllBytes();
        }
    }

    /** Modes and times that do not depend on who built where, and no links. */
    private static void settle(Path tree) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(tree)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            if (Files.isSymbolicLink(path)) {
                Path target = path.toRealPath();
                Files.delete(path);
                Files.copy(target, path);
            }
        }
        for (Path path : all) {
            boolean runs =
                    Files.isDirectory(path) || (Files.isExecutable(path) && !isLibrary(path));
            Files.setPosixFilePermissions(
                    path, PosixFilePermissions.fromString(runs ? "rwxr-xr-x" : "rw-r--r--"));
            Files.setLastModifiedTime(path, FileTime.from(MOMENT));
        }
    }

    private static boolean isLibrary(Path path) {
        String name = path.getFileName().toString();
        return name.contains(".so") && !name.startsWith("ld-");
    }
}

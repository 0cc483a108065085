package dev.strongroom.ops.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The C and C++ libraries of the build machine that the tree's machine code asks for, by ldd. */
final class SharedObjects {
    /** {@code libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)}, or the loader's path alone. */
    private static final Pattern RESOLVED = Pattern.compile("(?m)(/\\S+) \\(0x[0-9a-f]+\\)$");

    /** Asked for by name at run time, to look up hosts; beside the C library. */
    private static final List<String> BY_NAME = List.of("libresolv.so.2", "libnss_dns.so.2");

    private SharedObjects() {}

    static void copy(Path tree) throws IOException, InterruptedException {
        var wanted = new TreeSet<Path>();
        for (Path object : objects(tree)) {
            Matcher lines = RESOLVED.matcher(Tool.run(List.of("ldd", object.toString())));
            while (lines.find()) {
                Path library = Path.of(lines.group(1)).normalize();
                if (!library.startsWith(tree)) {
                    wanted.add(library);
                }
            }
        }
        for (Path library : List.copyOf(wanted)) {
            if (library.endsWith("libc.so.6")) {
                BY_NAME.stream()
                        .map(library::resolveSibling)
                        .filter(Files::exists)
                        .forEach(wanted::add);
            }
        }
        for (Path library : wanted) {
            Path to = tree.resolve(library.subpath(0, library.getNameCount()).toString());
            Files.createDirectories(to.getParent());
            Files.copy(library.toRealPath(), to);
            to.toFile().setExecutable(library.getFileName().toString().startsWith("ld-"), false);
        }
    }

    private static List<Path> objects(Path tree) throws IOException {
        List<Path> objects = new ArrayList<>();
        try (Stream<Path> all = Files.walk(tree)) {
            all.filter(Files::isRegularFile)
                    .filter(path -> path.toString().endsWith(".so") || path.endsWith("bin/java"))
                    .sorted()
                    .forEach(objects::add);
        }
        return objects;
    }
}

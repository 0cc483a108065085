package dev.strongroom.enclave.posture;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import dev.strongroom.enclave.libc.SystemCallFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What this process did for level {@code hardened}: locked all its memory, as far as it is touched,
 * and put a filter over its system calls.
 *
 * @param memory {@link #DONE}, or why not
 * @param calls {@link #DONE}, or why not
 */
record Hardening(String memory, String calls) {
    static final String DONE = "done";

    /** Names the file that this process's options are measured in. */
    static final String OPTIONS_PROPERTY = "strongroom.options";

    private interface Step {
        void run() throws LibcException;
    }

    static Hardening close() {
        return new Hardening(attempt(Libc::mlockAll), attempt(SystemCallFilter::install));
    }

    private static String attempt(Step step) {
        try {
            step.run();
            return DONE;
        } catch (LibcException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Looks at everything else that the level wants. */
    Surroundings look(Path configuration) {
        try {
            return new Surroundings(
                    this,
                    ProcessStatus.read(),
                    Mounts.parse(Files.readAllLines(Path.of("/proc/self/mountinfo"))),
                    Path.of(property("java.io.tmpdir")),
                    code(),
                    configuration,
                    new TreeSet<>(System.getenv().keySet()),
                    commandLine(),
                    VirtualMachine.arguments(),
                    measuredOptions(),
                    VirtualMachine.flags(Surroundings.FLAGS));
        } catch (IOException e) {
            throw new IllegalStateException("posture could not be looked at", e);
        }
    }

    private static List<String> commandLine() throws IOException {
        return List.of(Files.readString(Path.of("/proc/self/cmdline")).split("\0", -1));
    }

    private static Optional<Surroundings.Options> measuredOptions() throws IOException {
        Optional<Path> file =
                Optional.ofNullable(System.getProperty(OPTIONS_PROPERTY)).map(Path::of);
        if (file.isEmpty() || !Files.isRegularFile(file.get())) {
            return Optional.empty();
        }
        List<String> lines =
                Files.readAllLines(file.get()).stream()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .toList();
        return Optional.of(new Surroundings.Options(file.get(), lines));
    }

    /** Whatever this process runs or may still load, by name. */
    private static Map<String, Path> code() throws IOException {
        Map<String, Path> code =
                Stream.of("java.home", "onnxruntime.native.path")
                        .filter(name -> !property(name).isEmpty())
                        .collect(Collectors.toMap(name -> name, name -> Path.of(property(name))));
        for (String paths : Set.of("jdk.module.path", "java.class.path", "java.library.path")) {
            for (String path : property(paths).split(":", -1)) {
                if (!path.isEmpty()) {
                    code.put(path, Path.of(path));
                }
            }
        }
        for (Path mapped : ExecutableMappings.files()) {
            code.put(mapped.toString(), mapped);
        }
        return code;
    }

    private static String property(String name) {
        return System.getProperty(name, "");
    }
}

package dev.strongroom.enclave.posture;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A process in a mount namespace of its own that meets every condition of level {@code hardened},
 * and what each test changes about it. Wants root.
 */
final class HardenedWorld implements AutoCloseable {
    private final Path folder;
    private final List<String> classPath = new ArrayList<>();

    private String root = "mount -o remount,bind,ro /";
    private String temporaryOptions = "size=1m,noexec,nosuid";
    private String more = "";
    private String user = unprivileged("ipc_lock");
    private String optionsFile = "options";
    private String configuration = "node.yaml";
    private final List<String> before = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<String> options =
            new ArrayList<>(
                    List.of(
                            "-XX:+DisableAttachMechanism",
                            "-XX:-HeapDumpOnOutOfMemoryError",
                            "-XX:+SuppressFatalErrorMessage",
                            "-XX:-UsePerfData",
                            "-XX:-CreateCoredumpOnCrash",
                            "-XX:TieredStopAtLevel=1",
                            "--enable-native-access=ALL-UNNAMED"));

    private HardenedWorld(Path folder) {
        this.folder = folder;
    }

    /** True where a process can have mounts of its own. */
    static boolean possible() throws IOException, InterruptedException {
        var probe = new ProcessBuilder("unshare", "-m", "setpriv", "--nnp", "true");
        try {
            return probe.redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    static HardenedWorld make() throws IOException, URISyntaxException {
        Path folder = Files.createTempDirectory("hardened");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        var world = new HardenedWorld(folder);
        for (String name : List.of("tmp", "writable")) {
            Files.createDirectory(folder.resolve(name));
        }
        Files.writeString(folder.resolve("node.yaml"), "");
        world.environment.put(Facts.TELEMETRY_VARIABLE, "1");
        world.options.add("-Donnxruntime.native.path=" + folder);
        world.options.add("-Djava.io.tmpdir=" + folder.resolve("tmp"));
        for (Class<?> type :
                List.of(
                        Fitness.class,
                        FitnessProcess.class,
                        dev.strongroom.attestation.Posture.class)) {
            world.classPath.add(
                    Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                            .toString());
        }
        return world;
    }

    HardenedWorld writableRoot() {
        root = "true";
        return this;
    }

    HardenedWorld executableMount() {
        more = "mount -t tmpfs -o size=1m,nosuid tmpfs " + folder.resolve("writable");
        return this;
    }

    HardenedWorld largeTemporaryFolder() {
        temporaryOptions = "size=64m,noexec,nosuid";
        return this;
    }

    HardenedWorld root() {
        user = "env";
        return this;
    }

    HardenedWorld capability(String name) {
        user = unprivileged("ipc_lock,+" + name);
        return this;
    }

    HardenedWorld noRightToLock() {
        user = "setpriv --reuid=65532 --regid=65532 --clear-groups --inh-caps=-all";
        more = "ulimit -l 64";
        return this;
    }

    private static String unprivileged(String capabilities) {
        return "setpriv --reuid=65532 --regid=65532 --clear-groups --inh-caps=-all,+%1$s --ambient-caps=-all,+%1$s"
                .formatted(capabilities);
    }

    HardenedWorld variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** An option that the measured file has. */
    HardenedWorld option(String option) {
        options.add(option);
        return this;
    }

    HardenedWorld without(String prefix) {
        options.removeIf(option -> option.startsWith(prefix));
        return this;
    }

    /** An option that comes before the measured file. */
    HardenedWorld unmeasured(String option) {
        before.add(option);
        return this;
    }

    /** The options are on a file system that can be written. */
    HardenedWorld writableOptions() {
        optionsFile = "tmp/options";
        return this;
    }

    HardenedWorld writableConfiguration() {
        configuration = "tmp/node.yaml";
        return this;
    }

    /** Runs {@link FitnessProcess} and returns what it printed. */
    String run() throws IOException, InterruptedException {
        Path measured = folder.resolve(optionsFile);
        List<String> lines = new ArrayList<>(options);
        lines.add("-D" + Hardening.OPTIONS_PROPERTY + "=" + measured);
        lines.addAll(List.of("-cp", classPath(), FitnessProcess.class.getName()));
        Files.write(folder.resolve("options"), lines);
        Path script = folder.resolve("start.sh");
        Files.writeString(script, script(measured));
        return ChildJvm.run(
                List.of("unshare", "-m", "--propagation", "private", "sh", "-eu", "" + script));
    }

    private String classPath() {
        List<String> bound = new ArrayList<>();
        for (int i = 0; i < classPath.size(); i++) {
            bound.add(folder.resolve("classes-" + i).toString());
        }
        return String.join(":", bound);
    }

    /** A folder is mounted over a folder, a library over a file. */
    private static Path place(Path original, Path to) throws IOException {
        if (Files.isDirectory(original)) {
            return Files.createDirectories(to);
        }
        return Files.exists(to) ? to : Files.createFile(to);
    }

    private String script(Path measured) throws IOException {
        var text = new StringBuilder();
        // What is above this test's folders may be closed to other users: they are mounted
        // elsewhere.
        for (int i = 0; i < classPath.size(); i++) {
            Path to = place(Path.of(classPath.get(i)), folder.resolve("classes-" + i));
            text.append("mount --bind %s %s\n".formatted(classPath.get(i), to));
            text.append("mount -o remount,bind,ro %s\n".formatted(to));
        }
        text.append(
                """
                for point in $(awk '$5 != "/" && $6 !~ /^ro/ { print $5 }' /proc/self/mountinfo | sort -u); do
                    mount -o remount,bind,nosuid,noexec "$point" || true
                done
                %s
                mount -t tmpfs -o mode=1777,%s tmpfs %s/tmp
                cp %s/options %s/node.yaml %s/tmp
                %s
                ulimit -c 0
                """
                        .formatted(root, temporaryOptions, folder, folder, folder, folder, more));
        text.append("exec ").append(user).append(" env -i");
        environment.forEach((name, value) -> text.append(" '%s=%s'".formatted(name, value)));
        text.append(" ").append(ChildJvm.java()).append(" ").append(String.join(" ", before));
        text.append(" @").append(measured).append(" HARDENED ");
        return text.append(folder.resolve(configuration)).append("\n").toString();
    }

    @Override
    public void close() throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

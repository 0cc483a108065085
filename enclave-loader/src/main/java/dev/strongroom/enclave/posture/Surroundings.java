package dev.strongroom.enclave.posture;

import dev.strongroom.attestation.Posture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What level {@code hardened} looks at in and around this process.
 *
 * @param done what the process did itself
 * @param temporary where libraries put temporary files
 * @param code whatever this process runs or may load, by name
 * @param configuration the file that it was configured by
 * @param environment names of its variables
 * @param commandLine of the process, word by word
 * @param arguments of the virtual machine, in order
 * @param measured the options it is to be started with; empty where none are named
 * @param flags of the virtual machine by name
 */
record Surroundings(
        Hardening done,
        ProcessStatus status,
        Mounts mounts,
        Path temporary,
        Map<String, Path> code,
        Path configuration,
        Set<String> environment,
        List<String> commandLine,
        List<String> arguments,
        Optional<Options> measured,
        Map<String, String> flags) {
    /**
     * A file of options.
     *
     * @param lines one option each
     */
    record Options(Path file, List<String> lines) {
        String word() {
            return "@" + file;
        }
    }

    static final List<String> FLAGS = List.of("UsePerfData", "CreateCoredumpOnCrash");

    private static final String READ_ONLY = "read-only";
    private static final long CAP_IPC_LOCK = 1L << 14;

    /** ONNX Runtime makes an empty folder there; everything else of ours goes elsewhere. */
    private static final long TEMPORARY_KIB = 16 << 10;

    private static final String MAIN_MODULE = "-Djdk.module.main="; // the launcher adds it
    private static final String NATIVE_PATH = "onnxruntime.native.path";

    /**
     * Variables that neither the virtual machine nor the C library reads as options, and those that
     * service managers and a kernel's first process set.
     */
    private static final Set<String> HARMLESS =
            Set.of(
                    Facts.TELEMETRY_VARIABLE,
                    "PATH",
                    "HOME",
                    "PWD",
                    "OLDPWD",
                    "SHLVL",
                    "_",
                    "USER",
                    "LOGNAME",
                    "SHELL",
                    "LANG",
                    "LC_ALL",
                    "TERM",
                    "HOSTNAME",
                    "container",
                    "INVOCATION_ID",
                    "JOURNAL_STREAM",
                    "SYSTEMD_EXEC_PID",
                    "MEMORY_PRESSURE_WATCH",
                    "MEMORY_PRESSURE_WRITE",
                    "NOTIFY_SOCKET",
                    "CREDENTIALS_DIRECTORY",
                    "STATE_DIRECTORY",
                    "RUNTIME_DIRECTORY",
                    "CONFIGURATION_DIRECTORY");

    Surroundings {
        code = Map.copyOf(code);
        environment = Set.copyOf(environment);
        commandLine = List.copyOf(commandLine);
        arguments = List.copyOf(arguments);
        flags = Map.copyOf(flags);
    }

    List<Condition> conditions() {
        List<Condition> all = new ArrayList<>();
        all.add(
                condition(
                        "memory-locked",
                        Hardening.DONE,
                        done.memory(),
                        "set LimitMEMLOCK=infinity or give CAP_IPC_LOCK"));
        all.add(
                condition(
                        "seccomp", Hardening.DONE, filter(), "use a kernel with seccomp filters"));
        all.add(
                condition(
                        "no-new-privileges",
                        "set",
                        status.noNewPrivileges() ? "set" : "unset",
                        "set NoNewPrivileges=yes"));
        all.add(
                condition(
                        "user",
                        "not root",
                        status.userId() == 0 ? "root" : "not root",
                        "start as an unprivileged user"));
        all.add(
                condition(
                        "capabilities",
                        "none but ipc_lock",
                        (status.capabilities() & ~CAP_IPC_LOCK) == 0
                                ? "none but ipc_lock"
                                : Long.toHexString(status.capabilities()),
                        "start without capabilities"));
        all.add(
                condition(
                        "read-only-root",
                        READ_ONLY,
                        mounts.of(Path.of("/")).readOnly() ? READ_ONLY : "writable",
                        "mount the root read-only"));
        all.add(
                condition(
                        "writable-mounts",
                        "noexec,nosuid",
                        listed("noexec,nosuid", mounts.runningWhatIsWritten()),
                        "mount them with noexec,nosuid or read-only"));
        all.add(temporaryFolder());
        all.add(condition("code", READ_ONLY, codeOnWritable(), "run the measured image"));
        all.add(
                condition(
                        "native-libraries",
                        "from the image",
                        code.containsKey(NATIVE_PATH) ? "from the image" : NATIVE_PATH + " unset",
                        "start with -D" + NATIVE_PATH + "=FOLDER, so that none are unpacked"));
        all.add(options());
        all.add(
                condition(
                        "environment",
                        "nothing unexpected",
                        unexpectedVariables(),
                        "start without these variables"));
        all.add(
                condition(
                        "configuration",
                        READ_ONLY,
                        readOnly(configuration) ? READ_ONLY : configuration + " is writable",
                        "put it on a read-only file system"));
        FLAGS.forEach(flag ->
                all.add(
                        condition(
                                "flag-" + flag,
                                "false",
                                flags.getOrDefault(flag, "false"),
                                "start with -XX:-" + flag)));
        return all;
    }

    private String filter() {
        return done.calls().equals(Hardening.DONE) && status.unfilteredThreads() > 0
                ? status.unfilteredThreads() + " threads without it"
                : done.calls();
    }

    private Condition temporaryFolder() {
        Mounts.Mount mount = mounts.of(temporary);
        String expected = "tmpfs, at most " + (TEMPORARY_KIB >> 10) + " MiB";
        boolean small = mount.type().equals("tmpfs") && mount.tmpfsKib() <= TEMPORARY_KIB;
        return condition(
                "temporary-folder",
                expected,
                small || mount.readOnly() ? expected : temporary + " is on " + mount.type(),
                "mount a tmpfs there with size=16m");
    }

    private String codeOnWritable() {
        String writable =
                code.values().stream()
                        .filter(path -> !readOnly(path))
                        .map(path -> mounts.of(path).point().toString())
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(" "));
        return writable.isEmpty() ? READ_ONLY : "writable: " + writable;
    }

    private Condition options() {
        String expected = measured.map(m -> "those of " + m.file()).orElse("those of the image");
        return condition(
                "options",
                expected,
                measured.map(m -> foundOptions(m, expected))
                        .orElse(Hardening.OPTIONS_PROPERTY + " names no file"),
                "start with nothing but @FILE and the node's own arguments");
    }

    private String foundOptions(Options wanted, String expected) {
        if (!readOnly(wanted.file())) {
            return wanted.file() + " is writable";
        }
        if (commandLine.size() < 2 || !commandLine.get(1).equals(wanted.word())) {
            return "the first argument is not " + wanted.word();
        }
        List<String> given =
                arguments.stream().filter(option -> !option.startsWith(MAIN_MODULE)).toList();
        Set<String> others = new TreeSet<>(given);
        wanted.lines().forEach(others::remove);
        if (!others.isEmpty()) {
            return "also " + String.join(" ", others);
        }
        // Class path and main class are the launcher's and not repeated; of two options the last
        // counts.
        return wanted.lines().stream().filter(given::contains).toList().equals(given)
                ? expected
                : "another order";
    }

    private String unexpectedVariables() {
        String unexpected =
                environment.stream()
                        .filter(name -> !HARMLESS.contains(name))
                        .sorted()
                        .collect(Collectors.joining(" "));
        return unexpected.isEmpty() ? "nothing unexpected" : unexpected;
    }

    private boolean readOnly(Path path) {
        return mounts.of(path).readOnly();
    }

    private static String listed(String none, List<Path> found) {
        return found.isEmpty()
                ? none
                : found.stream().map(Path::toString).collect(Collectors.joining(" "));
    }

    private static Condition condition(String name, String expected, String found, String remedy) {
        return new Condition(Posture.HARDENED, name, expected, found, remedy);
    }
}

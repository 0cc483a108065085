package dev.strongroom.enclave.posture;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The mounts that this process sees, as {@code /proc/self/mountinfo} lists them: where one hides
 * another, the one on top.
 */
record Mounts(List<Mount> all) {
    /** File systems whose files are the kernel's own words: nothing can be put there to be run. */
    private static final Set<String> KERNELS_OWN =
            Set.of(
                    "proc",
                    "sysfs",
                    "cgroup",
                    "cgroup2",
                    "configfs",
                    "devpts",
                    "mqueue",
                    "securityfs",
                    "efivarfs",
                    "debugfs",
                    "tracefs",
                    "bpf",
                    "pstore");

    private static final int POINT = 4;
    private static final int OPTIONS = 5;
    private static final int FIELDS_BEFORE = 6;
    private static final int TYPE_AFTER_DASH = 1;
    private static final int SUPER_OPTIONS_AFTER_DASH = 3;

    /**
     * One mount.
     *
     * @param type of its file system
     * @param options of the mount; {@code ro} also where its file system is
     * @param superOptions of the file system
     */
    record Mount(Path point, String type, Set<String> options, String superOptions) {
        boolean readOnly() {
            return options.contains("ro");
        }

        /** Writable, and what is written there can be run, or run as its owner. */
        boolean runsWhatIsWritten() {
            return !readOnly()
                    && !KERNELS_OWN.contains(type)
                    && !options.containsAll(Set.of("noexec", "nosuid"));
        }

        /** Size limit of a tmpfs in KiB as its options state it; unlimited where they do not. */
        long tmpfsKib() {
            for (String option : superOptions.split(",", -1)) {
                if (option.matches("size=[0-9]{1,15}k")) {
                    return Long.parseLong(option.substring("size=".length(), option.length() - 1));
                }
            }
            return Long.MAX_VALUE;
        }
    }

    Mounts {
        all = List.copyOf(all);
    }

    static Mounts parse(List<String> mountinfo) {
        Map<Path, Mount> byPoint = new LinkedHashMap<>();
        for (String line : mountinfo) {
            Mount mount = parse(line);
            byPoint.remove(mount.point());
            byPoint.put(mount.point(), mount);
        }
        return new Mounts(List.copyOf(byPoint.values()));
    }

    private static Mount parse(String line) {
        List<String> fields = List.of(line.split(" ", -1));
        int dash = fields.indexOf("-");
        if (dash < FIELDS_BEFORE || fields.size() <= dash + SUPER_OPTIONS_AFTER_DASH) {
            throw new IllegalStateException("/proc/self/mountinfo: a line without a separator");
        }
        String superOptions = fields.get(dash + SUPER_OPTIONS_AFTER_DASH);
        Set<String> options = new HashSet<>(List.of(fields.get(OPTIONS).split(",", -1)));
        if (List.of(superOptions.split(",", -1)).contains("ro")) {
            options.add("ro");
        }
        return new Mount(
                Path.of(unescaped(fields.get(POINT))),
                fields.get(dash + TYPE_AFTER_DASH),
                Set.copyOf(options),
                superOptions);
    }

    /** Blank, tab, newline and backslash are three octal digits. */
    private static String unescaped(String text) {
        return text.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    /** The mount that a path is on. */
    Mount of(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        return all.stream()
                .filter(mount -> absolute.startsWith(mount.point()))
                .max(Comparator.comparingInt((Mount mount) -> mount.point().getNameCount()))
                .orElseThrow(() -> new IllegalStateException("no mount holds " + path));
    }

    /** Where what is written can be run. */
    List<Path> runningWhatIsWritten() {
        return all.stream().filter(Mount::runsWhatIsWritten).map(Mount::point).toList();
    }
}

package dev.strongroom.testkit.hunt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One mapping of a process, as its smaps file describes it (proc_pid_smaps(5)).
 *
 * @param start first address
 * @param end first address after it
 * @param permissions such as {@code rw-p}
 * @param path file, pseudo-path such as {@code [heap]}, or empty
 * @param inode 0 for memory that no file backs
 * @param vmFlags two-letter flags, for example {@code lo} locked, {@code dd} not dumped
 */
public record Mapping(
        long start, long end, String permissions, String path, long inode, Set<String> vmFlags) {

    private static final Pattern HEADER =
            Pattern.compile(
                    "([0-9a-f]+)-([0-9a-f]+) (\\S{4}) [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ (\\d+) *(.*)");

    public Mapping {
        vmFlags = Set.copyOf(vmFlags);
    }

    /** All mappings of process {@code pid}, by address. */
    public static List<Mapping> of(long pid) throws IOException {
        List<Mapping> mappings = new ArrayList<>();
        // Names of mapped files can hold any byte.
        List<String> lines =
                Files.readAllLines(Path.of("/proc/" + pid + "/smaps"), StandardCharsets.ISO_8859_1);
        for (String line : lines) {
            Matcher header = HEADER.matcher(line);
            if (header.matches()) {
                mappings.add(fromHeader(header));
            } else if (line.startsWith("VmFlags:")) {
                Mapping last = mappings.removeLast();
                mappings.add(last.withFlags(Set.of(line.substring(8).strip().split(" +"))));
            }
        }
        return mappings;
    }

    private static Mapping fromHeader(Matcher header) {
        return new Mapping(
                Long.parseUnsignedLong(header.group(1), 16),
                Long.parseUnsignedLong(header.group(2), 16),
                header.group(3),
                header.group(5),
                Long.parseLong(header.group(4)),
                Set.of());
    }

    private Mapping withFlags(Set<String> flags) {
        return new Mapping(start, end, permissions, path, inode, flags);
    }

    /** Memory that no file backs: heap, stacks, anonymous mappings. */
    boolean anonymous() {
        return inode == 0;
    }

    /** Pages of the kernel's own that every process sees and cannot write. */
    boolean kernels() {
        return start < 0 || path.startsWith("[v");
    }

    @Override
    public String toString() {
        return "%x-%x %s %s [%s]"
                .formatted(start, end, permissions, path, String.join(" ", new TreeSet<>(vmFlags)));
    }
}

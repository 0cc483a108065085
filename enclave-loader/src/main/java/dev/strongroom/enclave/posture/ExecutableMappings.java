package dev.strongroom.enclave.posture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The files that this process runs machine code from. */
final class ExecutableMappings {
    private static final int PERMISSIONS = 1;
    private static final int FILE = 5;

    private ExecutableMappings() {}

    static Set<Path> files() throws IOException {
        return parse(Files.readAllLines(Path.of("/proc/self/maps")));
    }

    /** Columns are address, permissions, offset, device, inode and, where there is one, file. */
    static Set<Path> parse(List<String> maps) {
        return maps.stream()
                .map(line -> line.split("\\s+", FILE + 1))
                .filter(columns -> columns.length > FILE && columns[FILE].startsWith("/"))
                .filter(columns -> columns[PERMISSIONS].contains("x"))
                .map(columns -> Path.of(columns[FILE]))
                .collect(Collectors.toUnmodifiableSet());
    }
}

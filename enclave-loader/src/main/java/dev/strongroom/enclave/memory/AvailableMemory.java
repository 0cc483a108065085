package dev.strongroom.enclave.memory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel could give out without swapping, by {@code /proc/meminfo}. */
final class AvailableMemory {
    private static final String FIELD = "MemAvailable:";
    private static final long KIB = 1024;

    private AvailableMemory() {}

    /** In bytes; without bound where the kernel does not say. */
    static long bytes() {
        try (var lines = Files.lines(Path.of("/proc/meminfo"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith(FIELD))
                    .map(line -> line.substring(FIELD.length()).strip().split(" ", 2)[0])
                    .mapToLong(kib -> Long.parseLong(kib) * KIB)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }
}

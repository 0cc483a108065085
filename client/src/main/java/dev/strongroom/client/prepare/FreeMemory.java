package dev.strongroom.client.prepare;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the kernel could give out without swapping, by {@code /proc/meminfo}. */
final class FreeMemory {
    private static final String FIELD = "MemAvailable:";
    private static final long KIB = 1024;

    private FreeMemory() {}

    /** In bytes; without bound where the kernel does not say. */
    static long bytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"), ISO_8859_1)) {
            return lines.filter(line -> line.startsWith(FIELD))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }
}

package dev.strongroom.enclave.memory;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel could give out without swapping, by {@code /proc/meminfo}. */
final class AvailableMemory {
    private static final String FIELD = "MemAvailable:";
    private static final long KIB = 1024;

    private AvailableMemory() {}

    /** In bytes; without bound where the kernel does not say. */
    static long bytes() {
        try (var lines = Files.newBufferedReader(Path.of("/proc/meminfo"), ISO_8859_1)) {
            String line = lines.readLine();
            while (line != null && !line.startsWith(FIELD)) {
                line = lines.readLine();
            }
            return line == null ? Long.MAX_VALUE : kibibytes(line) * KIB;
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    private static long kibibytes(String line) {
        String value = line.substring(FIELD.length()).strip();
        return Long.parseLong(value.substring(0, value.indexOf(' ')));
    }
}

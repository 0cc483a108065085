package dev.strongroom.enclave.posture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the kernel says of this process's rights.
 *
 * @param userId effective
 * @param capabilities effective, as a bit set
 * @param noNewPrivileges no program that it runs can gain rights
 * @param unfilteredThreads threads without a seccomp filter
 */
record ProcessStatus(
        int userId, long capabilities, boolean noNewPrivileges, int unfilteredThreads) {
    private static final Path TASKS = Path.of("/proc/self/task");
    private static final String FILTERED = "2"; // SECCOMP_MODE_FILTER
    private static final int HEXADECIMAL = 16;

    static ProcessStatus read() throws IOException {
        List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
        return new ProcessStatus(
                Integer.parseInt(field(status, "Uid:").split("\\s+", -1)[1]), // real, effective, …
                Long.parseUnsignedLong(field(status, "CapEff:"), HEXADECIMAL),
                field(status, "NoNewPrivs:").equals("1"),
                unfiltered());
    }

    private static int unfiltered() throws IOException {
        List<Path> threads;
        try (Stream<Path> tasks = Files.list(TASKS)) {
            threads = new ArrayList<>(tasks.toList());
        }
        int unfiltered = 0;
        for (Path thread : threads) {
            if (!filtered(thread)) {
                unfiltered++;
            }
        }
        return unfiltered;
    }

    private static boolean filtered(Path thread) throws IOException {
        try {
            return field(Files.readAllLines(thread.resolve("status")), "Seccomp:").equals(FILTERED);
        } catch (NoSuchFileException | EndedThreadException ended) {
            return true;
        }
    }

    /** A status file of a thread that ended between opening and reading has no lines. */
    private static final class EndedThreadException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static String field(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElseThrow(EndedThreadException::new);
    }
}

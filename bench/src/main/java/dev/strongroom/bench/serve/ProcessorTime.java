package dev.strongroom.bench.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a process has used of the processors, as the kernel's scheduler counts it. */
final class ProcessorTime {
    private ProcessorTime() {}

    /** In nanoseconds, of all threads that live. */
    static long of(long pid) {
        List<Path> threads;
        try (Stream<Path> tasks = Files.list(Path.of("/proc", "" + pid, "task"))) {
            threads = tasks.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return threads.stream().mapToLong(ProcessorTime::ofThread).sum();
    }

    /** In nanoseconds, of this process. */
    static long own() {
        return of(ProcessHandle.current().pid());
    }

    private static long ofThread(Path task) {
        try {
            return Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", 2)[0]);
        } catch (NoSuchFileException ended) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In bytes: what of the process is in memory. */
    static long resident(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", "" + pid, "status")).stream()
                            .filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                            .sum()
                    * 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

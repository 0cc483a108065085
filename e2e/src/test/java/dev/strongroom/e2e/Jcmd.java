package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The JDK's own way into a process that allows it: heap dumps and where the heap is. */
final class Jcmd {
    private static final long PATIENCE_SECONDS = 120;

    /** An address range, as {@code GC.heap_info} prints it. */
    private static final Pattern RANGE = Pattern.compile("\\[?0x([0-9a-f]+), 0x([0-9a-f]+)\\)?");

    private Jcmd() {}

    /** Every object, also those that nobody refers to any more. */
    static Path dumpAll(long pid, Path file) throws IOException, InterruptedException {
        run(pid, "GC.heap_dump", "-all", file.toString());
        return file;
    }

    /** What is left after a full collection. */
    static Path dumpLive(long pid, Path file) throws IOException, InterruptedException {
        run(pid, "GC.heap_dump", file.toString());
        return file;
    }

    /** Whether an address lies in the reserved Java heap. */
    record Heap(long start, long end) {
        boolean contains(long address) {
            return address >= start && address < end;
        }
    }

    static Heap heap(long pid) throws IOException, InterruptedException {
        Matcher range = RANGE.matcher(run(pid, "GC.heap_info"));
        long start = Long.MAX_VALUE;
        long end = 0;
        while (range.find()) {
            start = Math.min(start, Long.parseUnsignedLong(range.group(1), 16));
            end = Math.max(end, Long.parseUnsignedLong(range.group(2), 16));
        }
        assertThat(end).as("a range in GC.heap_info").isPositive();
        return new Heap(start, end);
    }

    private static String run(long pid, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        command.add(Long.toString(pid));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}

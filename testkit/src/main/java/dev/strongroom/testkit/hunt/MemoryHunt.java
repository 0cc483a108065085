package dev.strongroom.testkit.hunt;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Looks at every readable byte of another process, at every offset, through /proc/PID/mem. Wants
 * the right to trace that process, and for one that made itself undumpable that is root.
 *
 * <p>A needle that lies across the border of two mappings is not found. The process goes on running
 * unless {@link Pause#STOPPED} is asked for, so bytes on the move can be missed or seen twice.
 */
public final class MemoryHunt {
    /** Whether the process is stopped (SIGSTOP) while it is looked at. */
    public enum Pause {
        RUNNING,
        STOPPED
    }

    private static final long TASK_BYTES = 64L << 20;

    private final Needles needles;
    private final ThreadLocal<Stretches> stretches;
    private final int threads;

    public MemoryHunt(Needles needles, int threads) {
        this.needles = needles;
        Haystack haystack = new Haystack(needles);
        this.stretches = ThreadLocal.withInitial(() -> new Stretches(haystack));
        this.threads = threads;
    }

    /**
     * Looks through process {@code pid} once.
     *
     * @throws IllegalArgumentException for our own process, whose buffers hold what it reads
     * @throws IOException if the process does not exist or may not be read
     */
    public HuntReport hunt(long pid, Pause pause) throws IOException, InterruptedException {
        if (pid == ProcessHandle.current().pid()) {
            throw new IllegalArgumentException("the scanner cannot look at itself");
        }
        if (pause == Pause.RUNNING) {
            return hunt(pid);
        }
        signal("STOP", pid);
        try {
            return hunt(pid);
        } finally {
            signal("CONT", pid);
        }
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
        if (code != 0) {
            throw new IOException("process " + pid + ": cannot send " + name);
        }
    }

    private HuntReport hunt(long pid) throws IOException, InterruptedException {
        long began = System.nanoTime();
        Map<String, Tally> tallies = new LinkedHashMap<>();
        Path memory = Path.of("/proc/" + pid + "/mem");
        try (FileChannel channel = FileChannel.open(memory, StandardOpenOption.READ);
                PageMap pages = new PageMap(pid);
                var workers = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> tasks = new ArrayList<>();
            for (Mapping mapping : Mapping.of(pid)) {
                if (mapping.kernels()) {
                    continue;
                }
                Tally tally = new Tally(needles.count());
                tallies.put(mapping.toString(), tally);
                PageMap.Run run =
                        (start, end) -> tasks.addAll(submit(workers, channel, start, end, tally));
                if (mapping.anonymous()) {
                    pages.runs(mapping.start(), mapping.end(), run);
                } else {
                    run.at(mapping.start(), mapping.end());
                }
            }
            for (Future<?> task : tasks) {
                task.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("process " + pid + ": the scan failed", e.getCause());
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        return HuntReport.of("pid " + pid, needles, tallies, took);
    }

    /** One stretch in tasks that several threads share; a needle across two tasks is found. */
    private List<Future<?>> submit(
            ExecutorService workers, FileChannel channel, long start, long end, Tally tally) {
        List<Future<?>> tasks = new ArrayList<>();
        for (long from = start; from < end; from += TASK_BYTES) {
            long first = from;
            long last = Math.min(end, from + TASK_BYTES);
            tasks.add(
                    workers.submit(() -> stretches.get().search(channel, first, last, end, tally)));
        }
        return tasks;
    }
}

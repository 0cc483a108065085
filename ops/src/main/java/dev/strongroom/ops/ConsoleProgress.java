package dev.strongroom.ops;

import dev.strongroom.client.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows progress on standard error: a bar on a terminal, elsewhere a line at the start of a step
 * and one every ten seconds. Not thread-safe.
 */
final class ConsoleProgress implements Progress, AutoCloseable {
    private static final Duration LINE_EVERY = Duration.ofSeconds(10);
    private static final long MIB = 1L << 20;

    private final Console console;
    private final InstantSource clock;
    private @Nullable ProgressBar bar;
    private String step = "";
    private long totalBytes;
    private Instant lastLine;

    ConsoleProgress(Console console, InstantSource clock) {
        this.console = console;
        this.clock = clock;
        this.lastLine = clock.instant();
    }

    @Override
    public void step(String what, long totalBytes) {
        close();
        this.step = what;
        this.totalBytes = totalBytes;
        this.lastLine = clock.instant();
        if (console.errors() == Console.Errors.TERMINAL && totalBytes > 0) {
            bar = newBar(console.err());
        } else {
            console.err().println(what + (totalBytes > 0 ? " (" + mib(totalBytes) + ")" : ""));
        }
    }

    @Override
    public void advanced(long doneBytes) {
        if (bar != null) {
            bar.stepTo(doneBytes);
        } else if (!clock.instant().isBefore(lastLine.plus(LINE_EVERY))) {
            lastLine = clock.instant();
            console.err().println(step + ": " + mib(doneBytes) + " of " + mib(totalBytes));
        }
    }

    @Override
    public void warning(String what) {
        console.err().println("warning: " + what);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private ProgressBar newBar(PrintStream err) {
        return new ProgressBarBuilder()
                .setTaskName(step)
                .setInitialMax(totalBytes)
                .setUnit(" MiB", MIB)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(err))
                .build();
    }

    private static String mib(long bytes) {
        return bytes / MIB + " MiB";
    }
}

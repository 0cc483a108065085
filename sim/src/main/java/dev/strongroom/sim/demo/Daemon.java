package dev.strongroom.sim.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A vault or node that runs, with what its ready line said. Closing ends it. */
public final class Daemon implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration END = Duration.ofSeconds(15);
    private static final int LOG_LINES = 20;

    private final Process process;
    private final JsonNode ready;

    private Daemon(Process process, JsonNode ready) {
        this.process = process;
        this.ready = ready;
    }

    /**
     * Waits for the first line on standard output.
     *
     * @throws DemoFailure if none comes in time or the process ends, with the end of its log
     */
    public static Daemon whenReady(Process process, Path log)
            throws IOException, InterruptedException {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        var firstLine = new FutureTask<@Nullable String>(output::readLine);
        Thread.ofVirtual().start(firstLine);
        try {
            String line = firstLine.get(START.toSeconds(), TimeUnit.SECONDS);
            if (line != null) {
                return new Daemon(process, JsonMapper.shared().readTree(line));
            }
            process.waitFor();
            throw new DemoFailure(
                    "it ended with exit code " + process.exitValue() + ":\n" + tail(log));
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new DemoFailure("it was not ready within " + START + ":\n" + tail(log));
        } catch (ExecutionException e) {
            throw new IOException("its output cannot be read", e.getCause());
        }
    }

    private static String tail(Path log) throws IOException {
        var lines = Files.readAllLines(log);
        return String.join(
                "\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }

    /** As the process itself says it: a tool that started it has another. */
    public long pid() {
        return ready.path("pid").asLong(process.pid());
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** A field of the ready line. */
    public String field(String name) {
        return ready.path(name).asString();
    }

    /** Ends it as a power cut would (SIGKILL), and waits until it is gone. */
    public void kill() throws InterruptedException {
        ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
    }

    /** Asks it to end (SIGTERM), and does not wait. */
    public void terminate() {
        ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroy);
    }

    /**
     * Waits until it ends by itself.
     *
     * @return the exit code
     * @throws DemoFailure if it still runs after {@code patience}
     */
    public int awaitEnd(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new DemoFailure("process " + pid() + " did not end within " + patience);
        }
        return process.exitValue();
    }

    /** Ends it; a tool that started it ends with it. */
    @Override
    public void close() {
        terminate();
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

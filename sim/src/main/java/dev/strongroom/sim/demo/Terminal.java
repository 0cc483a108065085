package dev.strongroom.sim.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Prints a command line, then runs exactly that, as a reader would who copied it. For one thread.
 */
final class Terminal {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Path root;
    private final Workspace workspace;
    private final Map<String, String> environment = new LinkedHashMap<>();

    /**
     * @param root the folder of ./strongroom-sim
     */
    Terminal(Path root, Workspace workspace) {
        this.root = root;
        this.workspace = workspace;
    }

    /** Prints a heading. */
    void step(String what) {
        System.out.printf("%n== %s%n", what);
    }

    /** Prints a remark or a result. */
    void say(String text) {
        System.out.println(workspace.shortened(text));
    }

    /** Sets a variable of every command from now on, and shows that. */
    void export(String name, String value) {
        environment.put(name, value);
        System.out.printf("$ export %s=%s%n", name, workspace.shortened(value));
    }

    /** Runs a command to its end; its standard error goes to ours. */
    Result run(String... command) throws IOException, InterruptedException {
        Process process = started(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output;
        try (var stdout = process.getInputStream()) {
            output = new String(stdout.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new DemoFailure(command[0] + " did not end within " + PATIENCE);
        }
        return new Result(process.exitValue(), output);
    }

    /** Runs a command that must succeed, and shows what it printed. */
    String succeed(String... command) throws IOException, InterruptedException {
        Result result = run(command);
        if (!result.output().isEmpty()) {
            say(result.output());
        }
        if (result.exit() != 0) {
            throw new DemoFailure("the command ended with exit code " + result.exit());
        }
        return result.output();
    }

    /** Starts a command that goes on running, and waits for the line that says it is ready. */
    Daemon start(Path log, String... command) throws IOException, InterruptedException {
        Process process =
                started(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        return Daemon.whenReady(process, log);
    }

    private ProcessBuilder started(String... command) {
        System.out.println("$ " + workspace.shortened(quoted(command)));
        var builder = new ProcessBuilder(command).directory(root.toFile());
        builder.environment().putAll(environment);
        return builder;
    }

    private static String quoted(String... command) {
        return new ArrayList<>(List.of(command))
                .stream()
                        .map(word ->
                                word.matches("[A-Za-z0-9_./:=@,+-]+")
                                        ? word
                                        : "'" + word.replace("'", "'\\''") + "'")
                        .collect(Collectors.joining(" "));
    }

    /**
     * How a command ended.
     *
     * @param exit its exit code
     * @param output its standard output
     */
    record Result(int exit, String output) {}
}

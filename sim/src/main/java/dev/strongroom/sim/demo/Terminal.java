package dev.strongroom.sim.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Prints a command line, then runs exactly that, as a reader would who copied it. For one thread.
 */
final class Terminal {
    private static final int LONG = 2000; // characters; a tensor has more, a table fewer
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

    /** Writes a file and shows what is in it. */
    void file(Path file, String content) throws IOException {
        Files.writeString(file, content);
        System.out.printf(
                "$ cat > %s <<END%n%sEND%n",
                workspace.shortened(file.toString()), workspace.shortened(content));
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

    /** Runs a command that must end with code 0, and shows what it printed. */
    String succeed(String... command) throws IOException, InterruptedException {
        return expect(0, command);
    }

    /** Runs a command that must end with this code, and shows the start of what it printed. */
    String expect(int exit, String... command) throws IOException, InterruptedException {
        Result result = run(command);
        if (!result.output().isEmpty()) {
            say(abridged(result.output()));
        }
        if (result.exit() != exit) {
            throw new DemoFailure("expected exit code " + exit + " and got " + result.exit());
        }
        return result.output();
    }

    private static String abridged(String output) {
        return output.length() <= LONG ? output : output.substring(0, LONG) + " …";
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
        return Stream.of(command)
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

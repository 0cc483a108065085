package dev.strongroom.e2e;

import dev.strongroom.sim.demo.Daemon;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What was built, started by its own launchers with an environment of its own. Immutable.
 *
 * @param root the folder of ./strongroom and ./strongroom-sim
 * @param scratch where the output of commands is kept while they run
 * @param environment variables beside the few that are inherited
 */
record Distribution(Path root, Path scratch, Map<String, String> environment) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /**
     * All that a started process gets of this one's environment. A build sets more: with CI alone
     * ONNX Runtime is quiet whatever the launcher says, and nothing would be tested.
     */
    static final Set<String> INHERITED =
            Set.of("PATH", "HOME", "JAVA_HOME", "LANG", "LC_ALL", "STRONGROOM_SOFTHSM_MODULE");

    Distribution {
        environment = Map.copyOf(environment);
    }

    static Distribution built(Path scratch) {
        Path dist = Path.of(System.getProperty("strongroom.dist", "target/dist"));
        if (!Files.isDirectory(dist.resolve("sim/lib"))) {
            throw new IllegalStateException(dist + " is not built; run ./strongroom test");
        }
        Path root = Path.of(System.getProperty("strongroom.root", "")).toAbsolutePath();
        return new Distribution(root, scratch, Map.of("STRONGROOM_BUILD", "never"));
    }

    Distribution with(String variable, String value) {
        var more = new LinkedHashMap<>(environment);
        more.put(variable, value);
        return new Distribution(root, scratch, more);
    }

    /** Runs a command to its end. */
    Outcome run(List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(scratch, "stdout", ".txt");
        Path err = Files.createTempFile(scratch, "stderr", ".txt");
        try {
            Process process =
                    builder(command, Launch.plain())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IllegalStateException(command + " did not end within " + PATIENCE);
            }
            return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }

    /** Starts a command that goes on running, its standard error appended to {@code log}. */
    Daemon start(Path log, Launch launch, List<String> command)
            throws IOException, InterruptedException {
        Process process =
                builder(command, launch)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        return Daemon.whenReady(process, log);
    }

    /** What a command is started with; the caller says where its output goes. */
    ProcessBuilder builder(List<String> command, Launch launch) {
        List<String> words = new ArrayList<>(launch.prefix());
        words.addAll(command);
        var builder = new ProcessBuilder(words).directory(root.toFile());
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        Map<String, String> all = builder.environment();
        all.keySet().retainAll(INHERITED);
        all.putAll(environment);
        all.putAll(launch.environment());
        all.merge(
                "STRONGROOM_JVM_OPTIONS",
                String.join(" ", launch.jvmOptions()),
                (ours, more) -> (ours + " " + more).strip());
        return builder;
    }
}

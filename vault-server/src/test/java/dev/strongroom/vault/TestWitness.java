package dev.strongroom.vault;

import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.WitnessKey;
import dev.strongroom.testkit.ReservedPort;
import dev.strongroom.vault.audit.WitnessEndpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The witness's own process: it has a key and a port before it knows any log. */
final class TestWitness implements AutoCloseable {
    private final Path config;
    private final Path dataDir;
    private final ReservedPort port = new ReservedPort();
    final WitnessKey key;
    private @Nullable Process process;

    TestWitness(Path dir) throws Exception {
        this.config = dir.resolve("witness.yaml");
        this.dataDir = dir.resolve("witness");
        write(List.of());
        Process init = run("init");
        key = WitnessKey.parse(firstLine(init).path("key").asString());
    }

    WitnessEndpoint endpoint() {
        return new WitnessEndpoint(URI.create("http://127.0.0.1:" + port.number()), key);
    }

    /** Starts it for a log, or again after a stop. */
    void start(NoteKey log) throws IOException {
        write(List.of(log.text()));
        run("admit").onExit().join();
        process = run("run");
        firstLine(process);
    }

    /** SIGKILL. */
    void stop() {
        if (process != null) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    @Override
    public void close() {
        stop();
        port.close();
    }

    private void write(List<String> logs) throws IOException {
        Files.writeString(
                config,
                "dataDir: %s%nname: witness.example/w1%nlisten: {port: %d}%nlogs: %s%n"
                        .formatted(
                                dataDir,
                                port.number(),
                                JsonMapper.shared().writeValueAsString(logs)));
    }

    private Process run(String command) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.strongroom.witness.Main",
                        command,
                        "--config",
                        config.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static JsonNode firstLine(Process process) throws IOException {
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        if (line == null) {
            throw new IOException("the witness ended without a word");
        }
        return JsonMapper.shared().readTree(line);
    }
}

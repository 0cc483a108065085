package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that others wrote, as they come, ask a real node over mutual TLS: typed contents in and
 * raw out, as Triton's own do, every error by its code, streams in order. What is not installed is
 * skipped and says so.
 */
@Tag("nightly")
class PublicClientsTest {
    private static final Path PROTOCOL =
            Path.of(
                    System.getProperty("strongroom.root", ""),
                    "proto/src/main/protobuf/inference/grpc_service.proto");
    private static final String PYTHON = "/usr/bin/python3"; // Debian's, which has Debian's grpcio
    private static final String PLUGIN = "/usr/bin/grpc_python_plugin";
    private static final List<String> PACKAGES =
            List.of("@grpc/grpc-js@1.14.7", "@grpc/proto-loader@0.8.1");

    @TempDir private static Path scratch;
    private static Deployment world;

    @BeforeAll
    static void serve() throws Exception {
        world = Deployment.withoutModel();
        world.configureNodes("rest: {host: 127.0.0.1, port: 0}");
        Path plain = SimpleModel.write(world.owner().resolve("simple.onnx"));
        world.serve(world.acme().model("simple"), plain);
    }

    @AfterAll
    static void stop() throws Exception {
        world.close();
    }

    @Test
    void grpcioOfDebian() throws Exception {
        assumeTrue(
                run(scratch, PYTHON, "-c", "import grpc, google.protobuf").exit() == 0
                        && Files.isExecutable(Path.of(PLUGIN)),
                "SKIPPED: install python3-grpcio, python3-protobuf and protobuf-compiler-grpc");
        Path stubs = Files.createDirectory(scratch.resolve("stubs"));
        run(
                        scratch,
                        "protoc",
                        "--plugin=protoc-gen-grpc_python=" + PLUGIN,
                        "--python_out=" + stubs,
                        "--grpc_python_out=" + stubs,
                        "-I" + PROTOCOL.toAbsolutePath().getParent(),
                        PROTOCOL.getFileName().toString())
                .succeeded();
        requireOk(run(scratch, PYTHON, script("oip.py"), node("grpc"), people(), stubs.toString()));
    }

    @Test
    void grpcJsOfNpm() throws Exception {
        Path folder = Files.createDirectory(scratch.resolve("npm"));
        assumeTrue(
                run(folder, "sh", "-c", "command -v node && command -v npm").exit() == 0,
                "SKIPPED: install nodejs and npm");
        String install =
                "npm install --silent --no-audit --no-fund --ignore-scripts --prefix . "
                        + String.join(" ", PACKAGES);
        assumeTrue(
                run(folder, "sh", "-c", install).exit() == 0,
                "SKIPPED: npm could not fetch " + PACKAGES);
        requireOk(
                run(
                        folder,
                        "node",
                        script("oip.js"),
                        node("grpc"),
                        people(),
                        PROTOCOL.toAbsolutePath().toString()));
    }

    @Test
    void curl() throws Exception {
        assumeTrue(run(scratch, "curl", "--version").exit() == 0, "SKIPPED: install curl");
        String numbers = "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]";
        String request =
                """
                {"id": "q-7", "inputs": [
                  {"name": "INPUT0", "datatype": "INT32", "shape": [1, 16], "data": %s},
                  {"name": "INPUT1", "datatype": "INT32", "shape": [1, 16], "data": %s}],
                 "outputs": [{"name": "OUTPUT1"}]}\
                """
                        .formatted(numbers, numbers);
        assertThat(curl("/v2/health/ready").out()).isEqualTo("{\"ready\":true}");
        assertThat(curl("/v2/models/acme/simple/infer", "--data", request).out())
                .contains("\"id\":\"q-7\"", "\"data\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]");
        assertThat(curl("/v2/models/acme/other/infer", "--data", request).out())
                .contains("\"error\":\"MODEL_NOT_FOUND: ");
    }

    private static Outcome curl(String path, String... more) throws Exception {
        var words = new ArrayList<>(List.of("curl", "--silent", "--max-time", "60", "--tlsv1.3"));
        words.addAll(List.of("--cacert", people() + "/ca.pem", "--cert", people() + "/cert.pem"));
        words.addAll(List.of("--key", people() + "/key.pem"));
        words.addAll(List.of(more));
        words.add("https://" + node("rest") + path);
        return run(scratch, words.toArray(String[]::new)).succeeded();
    }

    private static void requireOk(Outcome outcome) {
        assertThat(outcome.succeeded().out()).startsWith("ok ");
    }

    private static String node(String address) {
        return world.node().field(address);
    }

    /** Where the consumer's certificate is. */
    private static String people() {
        return world.acme().consumer().toString();
    }

    private static String script(String name) throws IOException {
        Path script = scratch.resolve(name);
        try (InputStream in = PublicClientsTest.class.getResourceAsStream("/clients/" + name)) {
            Files.write(script, Objects.requireNonNull(in, name).readAllBytes());
        }
        return script.toString();
    }

    private static Outcome run(Path folder, String... command) throws Exception {
        Path out = Files.createTempFile(scratch, "out", ".txt");
        Path err = Files.createTempFile(scratch, "err", ".txt");
        Process process;
        try {
            process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
        } catch (IOException missing) {
            return new Outcome(127, "", String.valueOf(missing.getMessage()));
        }
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
        return new Outcome(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }
}

package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The demo as a user runs it: it checks its own promises, this checks what it leaves behind. */
class DemoTest {
    /** It takes about a minute on an idle machine with two cores; a busy one may need more. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir private Path folder;

    @Test
    void keepsEveryPromiseAndLeavesNothingBehind() throws Exception {
        Path state = folder.resolve("state.json");

        String output = demo(0, "--once", "--state-file", state.toString());

        assertThat(output)
                .contains("$ ./strongroom-sim", " 0 failed", "Refused with exit code 5")
                .contains("== Everything as promised");
        JsonNode said = JsonMapper.shared().readTree(Files.readString(state));
        assertThat(said.path("vault").path("grpc").asString()).matches("127\\.0\\.0\\.1:[0-9]+");
        assertThat(said.path("vault").path("http").asString()).matches("127\\.0\\.0\\.1:[0-9]+");
        assertThat(said.path("node").path("grpc").asString()).matches("127\\.0\\.0\\.1:[0-9]+");
        assertThat(said.path("model").path("name").asString()).startsWith("acme/");
        assertThat(said.path("model").path("version").asLong()).isEqualTo(1);
        assertGone(said.path("owner").path("dir"), said.path("temp").path(0));
        assertGone(said.path("vault").path("data"), said.path("node").path("data"));
        assertGone(said.path("tls").path("ca"), said.path("tls").path("clientKey"));
        assertThat(ProcessHandle.of(said.path("vault").path("pid").asLong())).isEmpty();
        assertThat(ProcessHandle.of(said.path("node").path("pid").asLong())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--twice", "--model", "--state-file"})
    void explainsItselfWhenItIsNotUnderstood(String option) throws Exception {
        assertThat(demo(1, option)).contains("usage: ./strongroom demo");
    }

    @Test
    void refusesAModelThatIsNone() throws Exception {
        Path model = Files.writeString(folder.resolve("no.onnx"), "this is no model");

        assertThat(demo(2, "--model", model.toString())).contains("no.onnx");
    }

    private static void assertGone(JsonNode... paths) {
        assertThat(List.of(paths))
                .allSatisfy(path -> assertThat(Path.of(path.asString())).isAbsolute())
                .noneMatch(path -> Files.exists(Path.of(path.asString())));
    }

    private String demo(int exit, String... options) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        var command = new ArrayList<>(List.of("./strongroom", "demo"));
        command.addAll(List.of(options));
        var builder =
                new ProcessBuilder(command)
                        .directory(Path.of(System.getProperty("strongroom.root")).toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().put("STRONGROOM_BUILD", "never");
        Process process = builder.start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroy();
            throw new IllegalStateException(
                    "the demo did not end within " + PATIENCE + ":\n" + Files.readString(output));
        }
        String text = Files.readString(output);
        assertThat(process.exitValue()).as(text).isEqualTo(exit);
        return text;
    }
}

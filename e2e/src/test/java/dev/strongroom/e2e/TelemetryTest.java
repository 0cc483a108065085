package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.sim.demo.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whom a node talks to and what it writes, read from its system calls. */
@ExtendWith(SharedDeployment.class)
@Tag("nightly")
class TelemetryTest {
    private static final String SETTING = "ORT_DISABLE_TELEMETRY";

    private enum Telemetry {
        ON,
        OFF
    }

    @TempDir Path folder;
    private Path trace;
    private Path home;
    private Path environmentTemp;
    private Path javaTemp;

    @BeforeEach
    void makeEmptyFolders() throws Exception {
        Assumptions.assumeTrue(canTrace(), "strace must work here: apt-get install strace");
        trace = folder.resolve("trace");
        home = Files.createDirectory(folder.resolve("home"));
        environmentTemp = Files.createDirectory(folder.resolve("tmpdir"));
        javaTemp = Files.createDirectory(folder.resolve("java"));
    }

    private boolean canTrace() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(SystemCalls.tracing(folder.resolve("try"))));
        command.add("true");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException missing) {
            return false;
        }
    }

    @Test
    void aNodeTalksToItsVaultAloneAndWritesNowhereElse(Deployment world) throws Exception {
        HandmadeNode node = HandmadeNode.of(world, world.model());
        Launch launch =
                Launch.plain()
                        .withPrefix(SystemCalls.tracing(trace))
                        .with("HOME", home.toString())
                        .with("TMPDIR", environmentTemp.toString())
                        .withJvmOptions("-Djava.io.tmpdir=" + javaTemp);
        try (Daemon running = node.started(launch)) {
            infer(world, running);
        }
        SystemCalls calls = SystemCalls.read(trace);
        assertThat(calls.addressed()).containsExactly(world.vault().field("grpc"));
        assertThat(calls.writtenOutside(node.data(), javaTemp)).isEmpty();
        assertThat(calls.written()).noneMatch(file -> file.contains("mat-debug"));
        assertThat(calls.written()).as("that something is seen at all").isNotEmpty();
        assertThat(entries(home)).isEmpty();
        assertThat(entries(environmentTemp)).isEmpty();
    }

    private static void infer(Deployment world, Daemon node) throws IOException {
        try (var caller = Caller.of(world.acme().consumer(), node.field("grpc"))) {
            var answer =
                    GRPCInferenceServiceGrpc.newBlockingStub(caller.channel())
                            .modelInfer(
                                    ModelInferRequest.newBuilder()
                                            .setModelName(world.model().toString())
                                            .addInputs(
                                                    InferInputTensor.newBuilder()
                                                            .setName("x")
                                                            .setDatatype("FP32")
                                                            .addShape(1)
                                                            .addShape(TinyModel.SIDE))
                                            .addRawInputContents(
                                                    ByteString.copyFrom(
                                                            new byte[TinyModel.SIDE * Float.BYTES]))
                                            .build());
            assertThat(answer.getOutputsCount()).isOne();
        }
    }

    /** The node itself does not start without the setting, so ONNX Runtime alone shows it. */
    @Test
    void onnxRuntimeWithoutTheSettingIsCaughtByTheSameLook() throws Exception {
        SystemCalls calls = plainOrt(Telemetry.ON);
        List<String> found = new ArrayList<>(calls.addressed());
        found.addAll(calls.writtenOutside(javaTemp));
        assertThat(found).isNotEmpty();
        assertThat(entries(home).size() + entries(environmentTemp).size()).isPositive();
    }

    @Test
    void onnxRuntimeWithTheSettingIsQuiet() throws Exception {
        SystemCalls calls = plainOrt(Telemetry.OFF);
        assertThat(Files.readString(folder.resolve("out"))).contains("answered");
        assertThat(calls.addressed()).isEmpty();
        assertThat(calls.writtenOutside(javaTemp)).isEmpty();
        assertThat(entries(home)).isEmpty();
        assertThat(entries(environmentTemp)).isEmpty();
    }

    /** However it ends: with telemetry on, ONNX Runtime 1.29 was seen to die under strace. */
    private SystemCalls plainOrt(Telemetry telemetry) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(SystemCalls.tracing(trace)));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-Djava.io.tmpdir=" + javaTemp, "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(PlainOrt.class.getName());
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(folder.resolve("out").toFile());
        builder.environment().keySet().retainAll(Distribution.INHERITED);
        if (telemetry == Telemetry.OFF) {
            builder.environment().put(SETTING, "1");
        }
        builder.environment().put("HOME", home.toString());
        builder.environment().put("TMPDIR", environmentTemp.toString());
        Process process = builder.start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return SystemCalls.read(trace);
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }
}

package dev.strongroom.enclave.posture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Posture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FitnessTest {
    private static final Map<String, String> FLAGS =
            Map.of(
                    "DisableAttachMechanism", "true",
                    "HeapDumpOnOutOfMemoryError", "false",
                    "HeapDumpBeforeFullGC", "false",
                    "HeapDumpAfterFullGC", "false",
                    "SuppressFatalErrorMessage", "true",
                    "OnError", "",
                    "OnOutOfMemoryError", "");
    private static final Facts GOOD = new Facts(false, 0, 0, false, "1", List.of(), FLAGS);

    @Test
    void isFitWhenEverythingIsClosed() {
        assertThat(GOOD.conditions()).isNotEmpty().allMatch(Condition::met);
        assertThat(GOOD.conditions()).extracting(Condition::level).containsOnly(Posture.BASE);
    }

    @Test
    void remarksOnATracer() {
        var traced = new Facts(false, 0, 42, false, "1", List.of(), FLAGS);
        assertThat(traced.remarks()).singleElement().asString().contains("process 42 traces");
        assertThat(GOOD.remarks()).isEmpty();
    }

    @Test
    void namesEveryFaultTogether() {
        var bad =
                new Facts(
                        true,
                        -1,
                        42,
                        true,
                        "",
                        List.of("-javaagent:x.jar", "-agentlib:jdwp=…"),
                        Map.of("DisableAttachMechanism", "false"));
        assertThat(reasons(bad))
                .hasSize(6)
                .anyMatch(r -> r.contains("dumpable"))
                .anyMatch(r -> r.contains("core-files"))
                .anyMatch(r -> r.contains("swap"))
                .anyMatch(r -> r.contains("ORT_DISABLE_TELEMETRY=1"))
                .anyMatch(r -> r.contains("-XX:+DisableAttachMechanism"))
                .anyMatch(r -> r.contains("-javaagent:"))
                .anyMatch(r -> r.contains("-agentlib:"));
    }

    @Test
    void isUnfitForEachSingleFlag() {
        Map<String, String> bad =
                Map.of(
                        "DisableAttachMechanism", "false",
                        "HeapDumpOnOutOfMemoryError", "true",
                        "HeapDumpBeforeFullGC", "true",
                        "HeapDumpAfterFullGC", "true",
                        "SuppressFatalErrorMessage", "false",
                        "OnError", "gdb - %p",
                        "OnOutOfMemoryError", "gcore %p");
        bad.forEach((flag, value) -> {
            var flags = new HashMap<>(FLAGS);
            flags.put(flag, value);
            assertThat(reasons(new Facts(false, 0, 0, false, "1", List.of(), flags)))
                    .singleElement()
                    .asString()
                    .contains(flag);
        });
    }

    @Test
    void readsTracerAndSwapAsTheKernelWritesThem() {
        assertThat(Facts.parseTracer(List.of("Name:\tjava", "TracerPid:\t0"))).isZero();
        assertThat(Facts.parseTracer(List.of("TracerPid:\t77"))).isEqualTo(77);
        var heading = "Filename\tType\tSize\tUsed\tPriority";
        assertThat(Facts.swapIsOn(List.of(heading))).isFalse();
        assertThat(Facts.swapIsOn(List.of(heading, "/dev/sdb1 partition 1 0 -2"))).isTrue();
    }

    @Test
    void aProcessStartedAsDocumentedIsFit() throws Exception {
        assertThat(run(Fitness.VIRTUAL_MACHINE_OPTIONS, "1")).isEqualTo("fit BASE dumpable=false");
    }

    @Test
    void aProcessStartedPlainlyIsUnfitAndSaysWhy() throws Exception {
        assertThat(run(List.of(), "0"))
                .startsWith("unfit")
                .contains("DisableAttachMechanism")
                .contains("SuppressFatalErrorMessage")
                .contains("ORT_DISABLE_TELEMETRY");
    }

    private static List<String> reasons(Facts facts) {
        return new Unfit(facts.conditions()).reasons();
    }

    private static String run(List<String> options, String telemetry)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FitnessProcess.class.getName(),
                        Posture.BASE.name(),
                        "/dev/null"));
        var out = Files.createTempFile("fitness", ".txt");
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(out.toFile());
        builder.environment().put(Facts.TELEMETRY_VARIABLE, telemetry);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        assertThat(builder.start().waitFor()).isZero();
        String text = Files.readString(out, StandardCharsets.UTF_8).strip();
        Files.delete(out);
        return text;
    }
}

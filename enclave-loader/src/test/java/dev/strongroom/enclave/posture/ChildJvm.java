package dev.strongroom.enclave.posture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A virtual machine of its own on this test's class path. */
public final class ChildJvm {
    private ChildJvm() {}

    /** Runs a main to its end and returns what it printed. */
    public static String run(Class<?> main, List<String> options, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(java().toString());
        command.addAll(options);
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName()));
        command.addAll(arguments);
        return run(command);
    }

    static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    static String run(List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("child", ".txt");
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.redirectOutput(out.toFile());
            builder.environment().remove("JAVA_TOOL_OPTIONS");
            int exit = builder.start().waitFor();
            String text = Files.readString(out, StandardCharsets.UTF_8).strip();
            assertThat(exit).as(text).isZero();
            return text;
        } finally {
            Files.delete(out);
        }
    }
}

package dev.strongroom.ops.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A program of the build machine, run to its end. */
final class Tool {
    private Tool() {}

    /**
     * Runs it and returns what it printed.
     *
     * @throws IOException with its last words when it fails or is missing
     */
    static String run(List<String> command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("JAVA_") || name.startsWith("JDK_"));
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command.getFirst() + " failed: " + said.strip());
        }
        return said;
    }

    /** Whether a program of that name answers. */
    static boolean exists(String program) throws InterruptedException {
        try {
            run(List.of(program, "--help"));
            return true;
        } catch (IOException absent) {
            return false;
        }
    }
}

package dev.strongroom.bench.push;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** {@code age} of this machine, encrypting files to a recipient of its own. */
public final class Age {
    private static final String PUBLIC = "age1";

    private final String recipient;

    private Age(String recipient) {
        this.recipient = recipient;
    }

    /** Empty where it is not installed. */
    public static Optional<Age> installed() throws IOException, InterruptedException {
        Process generate;
        try {
            generate = new ProcessBuilder("age-keygen").redirectErrorStream(true).start();
        } catch (IOException missing) {
            return Optional.empty();
        }
        String said = new String(generate.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        generate.waitFor();
        return said.lines()
                .filter(line -> line.contains(PUBLIC))
                .map(line -> new Age(line.substring(line.indexOf(PUBLIC))))
                .findFirst();
    }

    /** Writes {@code to} anew. */
    public void encrypt(Path plain, Path to) throws IOException, InterruptedException {
        Process age =
                new ProcessBuilder("age", "-r", recipient, "-o", to.toString(), plain.toString())
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.INHERIT)
                        .start();
        if (age.waitFor() != 0) {
            throw new IOException("age ended with code " + age.exitValue());
        }
    }
}

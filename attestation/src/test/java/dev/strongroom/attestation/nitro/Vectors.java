package dev.strongroom.attestation.nitro;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Documents signed by real hypervisors, recorded in public repositories. They are not part of the
 * product: without the folder the tests that need it are skipped.
 */
final class Vectors {
    private static final Path ROOT =
            Path.of(System.getProperty("strongroom.attestation.vectors", "missing"), "nitro");

    private Vectors() {}

    /** A recorded document, when it verifies, and what it says about itself. */
    record Vector(String name, byte[] document, Instant verifyAt, String meta, List<Path> twins) {
        boolean isGenuine() {
            return !name.contains("wrongroot");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Vector> genuine() {
        return all().filter(Vector::isGenuine);
    }

    static Stream<Vector> all() {
        return list(required().resolve("vectors")).map(Vectors::read);
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path required() {
        assumeTrue(
                Files.isDirectory(ROOT),
                () -> "recorded evidence is not at " + ROOT.toAbsolutePath() + ": skipped");
        return ROOT;
    }

    private static Vector read(Path folder) {
        try {
            String meta = Files.readString(folder.resolve("meta.json"));
            var at = Pattern.compile("\"verify_at\": \"([^\"]+)\"").matcher(meta);
            if (!at.find()) {
                throw new IllegalStateException("meta.json: expected verify_at");
            }
            Path twins = folder.resolve("neg");
            return new Vector(
                    folder.getFileName().toString(),
                    bytes(folder.resolve("doc.cbor")),
                    OffsetDateTime.parse(at.group(1)).toInstant(),
                    meta,
                    Files.isDirectory(twins) ? list(twins).toList() : List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> list(Path folder) {
        try (var files = Files.list(folder)) {
            return files.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

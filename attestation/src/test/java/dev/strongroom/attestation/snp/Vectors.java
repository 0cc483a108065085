package dev.strongroom.attestation.snp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reports signed by real chips, recorded in public repositories, with the certificates they came
 * with. They are not part of the product: without the folder the tests that need it are skipped.
 */
final class Vectors {
    private static final Path ROOT =
            Path.of(System.getProperty("strongroom.attestation.vectors", "missing"), "snp");

    private Vectors() {}

    /** One recorded report and everything needed to verify it. */
    record Vector(String name, byte[] report, byte[] leaf, List<byte[]> chain, Instant verifyAt) {
        List<byte[]> certificates() {
            var all = new ArrayList<>(chain);
            all.addFirst(leaf);
            return all;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Path required() {
        assumeTrue(
                Files.isDirectory(ROOT),
                () -> "recorded evidence is not at " + ROOT.toAbsolutePath() + ": skipped");
        return ROOT;
    }

    /** Every vector that says when and how it verifies. */
    static Stream<Vector> genuine() {
        return folders()
                .filter(folder -> Files.exists(folder.resolve("meta.json")))
                .map(Vectors::read);
    }

    static Stream<Path> folders() {
        return list(required().resolve("vectors"));
    }

    static Stream<Path> list(Path folder) {
        try (var files = Files.list(folder)) {
            return files.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] trust(String file) {
        return bytes(required().resolve("trust").resolve(file));
    }

    static List<byte[]> authorities(String product, String intermediate) {
        String suffix = "_" + product.toLowerCase(Locale.ROOT) + ".der";
        return List.of(trust(intermediate + suffix), trust("ark" + suffix));
    }

    private static Vector read(Path folder) {
        try {
            String meta = Files.readString(folder.resolve("meta.json"));
            boolean vlek = Files.exists(folder.resolve("vlek.der"));
            return new Vector(
                    folder.getFileName().toString(),
                    bytes(folder.resolve("report.bin")),
                    bytes(folder.resolve(vlek ? "vlek.der" : "vcek.der")),
                    authorities(field(meta, "product"), vlek ? "asvk" : "ask"),
                    OffsetDateTime.parse(field(meta, "verify_at")).toInstant());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String field(String meta, String name) {
        var matcher = Pattern.compile("\"" + name + "\": \"([^\"]+)\"").matcher(meta);
        if (!matcher.find()) {
            throw new IllegalStateException("meta.json: expected " + name);
        }
        return matcher.group(1);
    }
}

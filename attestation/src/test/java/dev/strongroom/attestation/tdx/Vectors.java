package dev.strongroom.attestation.tdx;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Quotes signed by real processors, recorded in public repositories, each with Intel's collateral
 * of several days. They are not part of the product: without the folder the tests that need it are
 * skipped.
 */
final class Vectors {
    private static final Path ROOT =
            Path.of(System.getProperty("strongroom.attestation.vectors", "missing"), "tdx");

    private Vectors() {}

    /**
     * A quote with the collateral of one day.
     *
     * @param complete whether all of the day's collateral was recorded
     */
    record Vector(
            Path folder,
            String day,
            byte[] quote,
            TdxCollateral collateral,
            Instant verifyAt,
            boolean complete) {
        String name() {
            return folder.getFileName().toString();
        }

        @Override
        public String toString() {
            return name() + " with " + day;
        }
    }

    /** Intel's rating of a quote, as it was evaluated once by hand. */
    record Expected(String quote, String day, String launchStatus) {
        boolean isFor(Vector vector) {
            return vector.name().equals(quote) && vector.day().equals(day);
        }
    }

    static Path required() {
        assumeTrue(
                Files.isDirectory(ROOT),
                () -> "recorded evidence is not at " + ROOT.toAbsolutePath() + ": skipped");
        return ROOT;
    }

    static Stream<Path> folders() {
        return list(required().resolve("vectors")).filter(Files::isDirectory);
    }

    /** Every quote with every collateral that was recorded for it. */
    static Stream<Vector> all() {
        return folders()
                .filter(folder -> !folder.getFileName().toString().startsWith("neg-"))
                .flatMap(folder ->
                        list(folder)
                                .filter(file -> Files.exists(file.resolve("time.json")))
                                .map(day -> read(folder, day)));
    }

    static Vector of(String quote, String day) {
        return all().filter(v -> v.name().equals(quote) && v.day().equals(day))
                .findFirst()
                .orElseThrow();
    }

    static Stream<Expected> expected() {
        var expected = new ArrayList<Expected>();
        Path file = required().resolve("vectors").resolve("expected_tcb.json");
        for (Object row : (List<?>) json(file)) {
            var columns = (List<?>) row;
            expected.add(
                    new Expected(
                            Path.of((String) columns.get(0)).getFileName().toString(),
                            (String) columns.get(1),
                            (String) columns.get(5)));
        }
        return expected.stream();
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

    private static Vector read(Path folder, Path day) {
        var time = (Map<?, ?>) json(day.resolve("time.json"));
        return new Vector(
                folder,
                day.getFileName().toString(),
                bytes(folder.resolve("quote.bin")),
                collateral(day),
                Instant.parse((String) time.get("verify_at")),
                Boolean.TRUE.equals(time.get("complete")));
    }

    private static TdxCollateral collateral(Path day) {
        return new TdxCollateral(
                list(required().resolve("trust")).map(Vectors::bytes).toList(),
                Stream.of("root_crl.der", "pck_crl.der")
                        .map(day::resolve)
                        .filter(Files::exists)
                        .map(Vectors::bytes)
                        .toList(),
                List.of(bytes(day.resolve("tcbInfo.json"))),
                List.of(bytes(day.resolve("qeIdentity.json"))));
    }

    private static Object json(Path file) {
        try {
            return Json.parse(file.toString(), bytes(file), 64 * 1024);
        } catch (MalformedEncodingException e) {
            throw new IllegalStateException("not JSON: " + file, e);
        }
    }
}

package dev.strongroom.attestation.tpm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Quotes recorded from TPMs. They are not part of the product: without the folder the tests that
 * need it are skipped.
 */
final class Vectors {
    private static final Path ROOT =
            Path.of(System.getProperty("strongroom.attestation.vectors", "missing"), "tpm");

    private Vectors() {}

    /** One recorded quote with its key, signature, register values and qualifying data. */
    record Vector(String name, TpmEvidence evidence, byte[] spki, byte[] extraData) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * Every quote of every folder: {@code q1.msg} with {@code q1.sig}, {@code q1.pcrs}, {@code n1}.
     */
    static List<Vector> genuine() {
        assumeTrue(
                Files.isDirectory(ROOT),
                () -> "recorded quotes are not at " + ROOT.toAbsolutePath() + ": skipped");
        return list(ROOT.resolve("vectors"))
                .flatMap(folder ->
                        list(folder)
                                .filter(file -> file.toString().endsWith(".msg"))
                                .map(Vectors::read))
                .toList();
    }

    private static Vector read(Path quote) {
        String name = quote.getFileName().toString().replace(".msg", "");
        Path folder = quote.resolveSibling(".");
        String nonce = text(folder.resolve(name.replace('q', 'n'))).strip();
        return new Vector(
                quote.subpath(quote.getNameCount() - 2, quote.getNameCount() - 1) + "/" + name,
                new TpmEvidence(
                        bytes(quote),
                        bytes(folder.resolve(name + ".sig")),
                        bytes(folder.resolve("ak.tpmt")),
                        bytes(folder.resolve(name + ".pcrs")),
                        new byte[0]),
                pem(text(folder.resolve("ak.pub.pem"))),
                HexFormat.of().parseHex(nonce));
    }

    static byte[] pem(String pem) {
        String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        return Base64.getDecoder().decode(base64);
    }

    private static Stream<Path> list(Path folder) {
        try (var files = Files.list(folder)) {
            return files.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        return new String(bytes(file), StandardCharsets.US_ASCII);
    }
}

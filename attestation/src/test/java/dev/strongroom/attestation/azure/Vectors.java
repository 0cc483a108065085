package dev.strongroom.attestation.azure;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Evidence recorded on Azure confidential VMs. It is not part of the product: without the folder
 * the tests that need it are skipped.
 */
final class Vectors {
    private static final Path ROOT =
            Path.of(System.getProperty("strongroom.attestation.vectors", "missing"));

    private Vectors() {}

    /** A file of {@code azure/vectors}. */
    static byte[] file(String path) {
        Path folder = ROOT.resolve("azure").resolve("vectors");
        assumeTrue(
                Files.isDirectory(folder),
                () -> "recorded evidence is not at " + folder.toAbsolutePath() + ": skipped");
        return bytes(folder.resolve(path));
    }

    /** AMD's certificates of the line that all recorded VMs ran on. */
    static List<byte[]> milan() {
        Path trust = ROOT.resolve("snp").resolve("trust");
        return List.of(
                bytes(trust.resolve("ask_milan.der")), bytes(trust.resolve("ark_milan.der")));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.strongroom.attestation.nvidia;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reports signed by real GPUs, and manifests signed by NVIDIA, recorded in public repositories.
 * They are not part of the product: without the folder the tests that need it are skipped.
 */
final class Vectors {
    /** GPU certificates never end; the manifests' signer was certified from 2023 to 2025. */
    static final Instant VERIFY_AT = Instant.parse("2024-06-01T00:00:00Z");

    private static final Path ROOT =
            Path.of(System.getProperty("strongroom.attestation.vectors", "missing"), "nvidia");

    private Vectors() {}

    /** A recorded report with its chain. */
    record Vector(String name, byte[] report, List<byte[]> certificates) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Vector> genuine() {
        return Stream.of(
                vector("h100-gonv", "attestationReport.txt", "gpuAkCertChain.txt"),
                vector("h100-nvtrust", "hopperAttestationReport.txt", "hopperCertChain.txt"));
    }

    static Vector vector(String folder, String report, String chain) {
        Path path = required().resolve("vectors").resolve(folder);
        String hex = new String(bytes(path.resolve(report)), StandardCharsets.US_ASCII).strip();
        return new Vector(folder, HexFormat.of().parseHex(hex), pem(path.resolve(chain)));
    }

    static byte[] manifest(String file) {
        return bytes(required().resolve("vectors").resolve("rim").resolve(file));
    }

    static List<byte[]> trust(String file) {
        return pem(required().resolve("trust").resolve(file));
    }

    private static List<byte[]> pem(Path file) {
        try {
            var certificates = new ArrayList<byte[]>();
            for (var certificate :
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes(file)))) {
                certificates.add(certificate.getEncoded());
            }
            return certificates;
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path required() {
        assumeTrue(
                Files.isDirectory(ROOT),
                () -> "recorded evidence is not at " + ROOT.toAbsolutePath() + ": skipped");
        return ROOT;
    }
}

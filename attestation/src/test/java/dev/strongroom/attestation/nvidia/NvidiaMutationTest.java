package dev.strongroom.attestation.nvidia;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.BitFlips;
import dev.strongroom.attestation.nvidia.Vectors.Vector;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits in every byte of genuine reports and certificates: no flip survives and none
 * makes the verifier throw.
 */
class NvidiaMutationTest {
    private static final int MANY = 100_000;

    @Test
    void refusesAFlippedBitInAReport() {
        refusesInReports(2_000);
    }

    @Test
    void refusesAFlippedBitInACertificate() {
        refusesInCertificates(500);
    }

    @Tag("nightly")
    @Test
    void refusesAFlippedBitInEveryByteOfEveryReport() {
        refusesInReports(MANY);
    }

    @Tag("nightly")
    @Test
    void refusesAFlippedBitInEveryByteOfEveryCertificate() {
        refusesInCertificates(MANY);
    }

    private static void refusesInReports(int mutants) {
        List<Vector> vectors = Vectors.genuine().toList();
        BitFlips.ofWhole(vectors.stream().map(Vector::report).toList(), mutants)
                .forEach(flip -> {
                    Vector vector = vectors.get(flip.sample());
                    assertRefused(
                            new Vector(vector.name(), flip.mutant(), vector.certificates()), flip);
                });
    }

    private static void refusesInCertificates(int mutants) {
        List<Vector> vectors = Vectors.genuine().toList();
        BitFlips.of(vectors.stream().map(Vector::certificates).toList(), mutants)
                .forEach(flip -> {
                    Vector vector = vectors.get(flip.sample());
                    List<byte[]> certificates = flip.in(vector.certificates());
                    assertRefused(new Vector(vector.name(), vector.report(), certificates), flip);
                });
    }

    private static void assertRefused(Vector mutant, BitFlips.Flip flip) {
        assertThat(RecordedGpuReportsTest.verify(mutant))
                .as("%s, %s", mutant, flip)
                .isInstanceOf(NvidiaVerdict.Refused.class);
    }
}

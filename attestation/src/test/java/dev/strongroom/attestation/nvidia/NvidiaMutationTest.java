package dev.strongroom.attestation.nvidia;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.nvidia.Vectors.Vector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits of genuine reports and certificates, each byte in turn: no flip survives and
 * none makes the verifier throw. {@code -Dstrongroom.seed} chooses which bits.
 */
class NvidiaMutationTest {
    private static final long SEED = Long.getLong("strongroom.seed", 20_261_122L);

    @Test
    void refusesAFlippedBitInAReport() {
        refusesInReports(5_000);
    }

    @Test
    void refusesAFlippedBitInACertificate() {
        refusesInCertificates(1_000);
    }

    @Test
    @Tag("nightly")
    void refusesAHundredThousandFlippedBitsInReports() {
        refusesInReports(100_000);
    }

    @Test
    @Tag("nightly")
    void refusesAHundredThousandFlippedBitsInCertificates() {
        refusesInCertificates(100_000);
    }

    private static void refusesInReports(int mutants) {
        List<Vector> vectors = Vectors.genuine().toList();
        var random = new Random(SEED);
        for (int i = 0; i < mutants; i++) {
            Vector vector = vectors.get(i % vectors.size());
            int at = i / vectors.size() % vector.report().length;
            byte[] mutant = flipped(vector.report(), at, random);
            assertRefused(
                    new Vector(vector.name(), mutant, vector.certificates()),
                    "seed %d mutant %d: %s byte %d".formatted(SEED, i, vector, at));
        }
    }

    private static void refusesInCertificates(int mutants) {
        List<Vector> vectors = Vectors.genuine().toList();
        var random = new Random(SEED + 1);
        for (int i = 0; i < mutants; i++) {
            Vector vector = vectors.get(i % vectors.size());
            var certificates = new ArrayList<>(vector.certificates());
            int which = i / vectors.size() % certificates.size();
            int at = i / vectors.size() / certificates.size() % certificates.get(which).length;
            certificates.set(which, flipped(certificates.get(which), at, random));
            assertRefused(
                    new Vector(vector.name(), vector.report(), certificates),
                    "seed %d mutant %d: %s certificate %d byte %d"
                            .formatted(SEED, i, vector, which, at));
        }
    }

    private static void assertRefused(Vector mutant, String what) {
        assertThat(RecordedGpuReportsTest.verify(mutant))
                .as(what)
                .isInstanceOf(NvidiaVerdict.Refused.class);
    }

    private static byte[] flipped(byte[] original, int at, Random random) {
        byte[] mutant = original.clone();
        mutant[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        return mutant;
    }
}

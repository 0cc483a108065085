package dev.strongroom.attestation.snp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.snp.Vectors.Vector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits in genuine evidence: in every byte of report after report, a bit that the seed
 * chooses, and anywhere in certificates. No flip survives and no flip makes the verifier throw.
 * {@code -Dstrongroom.mutants} and {@code -Dstrongroom.seed} change how many and which.
 */
class MutationTest {
    private static final int MUTANTS = Integer.getInteger("strongroom.mutants", 5_000);
    private static final long SEED = Long.getLong("strongroom.seed", 20_261_122L);
    private static final SnpVerifier AMD =
            new SnpVerifier(TrustAnchors.vendors().snpRoots(), Tee.SEV_SNP, Revocation.WHEN_GIVEN);

    @Test
    void refusesEverySingleBitFlipInAReport() {
        refusesFlips(MUTANTS);
    }

    @Test
    @Tag("nightly")
    void refusesAHundredThousandFlipsInReports() {
        refusesFlips(100_000);
    }

    private static void refusesFlips(int mutants) {
        List<Vector> vectors = Vectors.genuine().toList();
        var random = new Random(SEED);
        for (int i = 0; i < mutants; i++) {
            Vector vector = vectors.get(i / SnpReport.BYTES % vectors.size());
            int bit = i % SnpReport.BYTES * Byte.SIZE + random.nextInt(Byte.SIZE);
            assertThat(
                            AMD.verify(
                                    flipped(vector.report(), bit),
                                    vector.certificates(),
                                    List.of(),
                                    vector.verifyAt()))
                    .as("seed %d mutant %d: %s bit %d", SEED, i, vector, bit)
                    .isInstanceOf(SnpVerdict.Refused.class);
        }
    }

    @Test
    void refusesEverySingleBitFlipInACertificate() {
        List<Vector> vectors = Vectors.genuine().toList();
        var random = new Random(SEED + 1);
        for (int i = 0; i < MUTANTS; i++) {
            Vector vector = vectors.get(random.nextInt(vectors.size()));
            var certificates = new ArrayList<>(vector.certificates());
            int which = random.nextInt(certificates.size());
            int bit = random.nextInt(certificates.get(which).length * Byte.SIZE);
            certificates.set(which, flipped(certificates.get(which), bit));
            assertThat(AMD.verify(vector.report(), certificates, List.of(), vector.verifyAt()))
                    .as("seed %d mutant %d: %s certificate %d bit %d", SEED, i, vector, which, bit)
                    .isInstanceOf(SnpVerdict.Refused.class);
        }
    }

    private static byte[] flipped(byte[] original, int bit) {
        byte[] mutant = original.clone();
        mutant[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        return mutant;
    }
}

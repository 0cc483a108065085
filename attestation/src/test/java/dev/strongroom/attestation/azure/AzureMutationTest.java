package dev.strongroom.attestation.azure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.tpm.TpmEvidence;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits anywhere in recorded evidence: no flip survives and none makes the verifier
 * throw. {@code -Dstrongroom.mutants} and {@code -Dstrongroom.seed} change how many and which.
 */
class AzureMutationTest {
    private static final int MUTANTS = Integer.getInteger("strongroom.mutants", 5_000);
    private static final long SEED = Long.getLong("strongroom.seed", 20_261_122L);
    private static final byte[] NOTHING = {};

    @Test
    void refusesEverySingleBitFlip() throws AzureFormatException {
        refuses(MUTANTS);
    }

    @Test
    @Tag("nightly")
    void refusesManyMoreSingleBitFlips() throws AzureFormatException {
        refuses(Math.max(MUTANTS, 100_000));
    }

    private static void refuses(int mutants) throws AzureFormatException {
        CocoEvidence recorded = CocoEvidence.parse(Vectors.file("trustee-az-snp/evidence-v2.json"));
        AzureEvidence genuine = recorded.evidence();
        var verifier =
                new AzureVerifier(
                        new HclVerifier(
                                once(
                                        RecordedAzureEvidenceTest.snp(
                                                RecordedAzureEvidenceTest.chain(
                                                        recorded.certificates())),
                                        HclReport.parse(genuine.hclReport()).hardwareReport()),
                                RecordedAzureEvidenceTest.NOBODY));
        var random = new Random(SEED);
        for (int i = 0; i < mutants; i++) {
            int part = random.nextInt(4);
            byte[] original =
                    List.of(
                                    genuine.hclReport(),
                                    genuine.tpm().quote(),
                                    genuine.tpm().signature(),
                                    genuine.tpm().registers())
                            .get(part);
            int bit = random.nextInt(original.length * Byte.SIZE);
            assertThat(
                            verifier.verify(
                                    with(genuine, part, flipped(original, bit)),
                                    RecordedAzureEvidenceTest.AT))
                    .as("seed %d mutant %d: part %d bit %d", SEED, i, part, bit)
                    .isInstanceOf(AzureVerdict.Refused.class);
        }
    }

    /** Judges the genuine report once: most flips are elsewhere. */
    private static ProcessorVerifier once(ProcessorVerifier verifier, byte[] genuine) {
        ProcessorVerdict verdict = verifier.verify(genuine, RecordedAzureEvidenceTest.AT);
        assertThat(verdict).isInstanceOf(ProcessorVerdict.Authentic.class);
        return (report, now) ->
                Arrays.equals(report, genuine) ? verdict : verifier.verify(report, now);
    }

    private static AzureEvidence with(AzureEvidence genuine, int part, byte[] mutant) {
        return new AzureEvidence(
                part == 0 ? mutant : genuine.hclReport(),
                NOTHING,
                new TpmEvidence(
                        part == 1 ? mutant : genuine.tpm().quote(),
                        part == 2 ? mutant : genuine.tpm().signature(),
                        NOTHING,
                        part == 3 ? mutant : genuine.tpm().registers(),
                        NOTHING));
    }

    private static byte[] flipped(byte[] original, int bit) {
        byte[] mutant = original.clone();
        mutant[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        return mutant;
    }
}

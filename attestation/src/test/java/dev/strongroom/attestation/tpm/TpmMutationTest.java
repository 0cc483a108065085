package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Flips single bits anywhere in genuine evidence: no flip survives and none makes the verifier
 * throw. {@code -Dstrongroom.mutants} and {@code -Dstrongroom.seed} change how many and which.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TpmMutationTest {
    private static final int MUTANTS = Integer.getInteger("strongroom.mutants", 5_000);
    private static final long SEED = Long.getLong("strongroom.seed", 20_261_122L);

    private final List<Sample> samples = new ArrayList<>();

    /** Evidence, and the trust under which it is authentic. */
    private record Sample(AkTrust trust, TpmEvidence evidence) {}

    @BeforeAll
    void gatherSamples() throws TpmFormatException {
        for (SoftwareTpm tpm :
                List.of(
                        SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256),
                        SoftwareTpm.rsa(Algorithm.RSASSA, HashAlgorithm.SHA256),
                        SoftwareTpm.rsa(Algorithm.RSAPSS, HashAlgorithm.SHA256))) {
            var registers = SoftwareTpm.sha256(0, 7, 16).toArray(SoftwareTpm.Register[]::new);
            TpmEvidence evidence = tpm.evidence(registers);
            samples.add(new Sample(RecordedTpmQuotesTest.byName(evidence), evidence));
        }
    }

    @Test
    void acceptsTheSamples() {
        for (Sample sample : samples) {
            assertThat(RecordedTpmQuotesTest.verify(sample.trust(), sample.evidence()))
                    .isInstanceOf(TpmVerdict.Authentic.class);
        }
    }

    @Test
    void refusesEverySingleBitFlip() {
        refuses(MUTANTS / 2);
    }

    @Test
    @Tag("nightly")
    void refusesManyMoreSingleBitFlips() {
        refuses(Math.max(MUTANTS, 100_000));
    }

    @Test
    void refusesEverySingleBitFlipInRecordedQuotes() throws TpmFormatException {
        var recorded = new ArrayList<Sample>();
        for (var vector : Vectors.genuine()) {
            TpmEvidence evidence = vector.evidence();
            recorded.add(new Sample(RecordedTpmQuotesTest.byName(evidence), evidence));
        }
        refuses(recorded, MUTANTS / 2);
    }

    private void refuses(int mutants) {
        refuses(samples, mutants);
    }

    private static void refuses(List<Sample> samples, int mutants) {
        var random = new Random(SEED);
        for (int i = 0; i < mutants; i++) {
            Sample sample = samples.get(random.nextInt(samples.size()));
            TpmEvidence genuine = sample.evidence();
            int part = random.nextInt(4);
            byte[] original =
                    List.of(
                                    genuine.quote(),
                                    genuine.signature(),
                                    genuine.attestationKey(),
                                    genuine.registers())
                            .get(part);
            int bit = i % (original.length * Byte.SIZE);
            assertThat(
                            RecordedTpmQuotesTest.verify(
                                    sample.trust(), with(genuine, part, flipped(original, bit))))
                    .as("seed %d mutant %d: part %d bit %d", SEED, i, part, bit)
                    .isInstanceOf(TpmVerdict.Refused.class);
        }
    }

    private static TpmEvidence with(TpmEvidence genuine, int part, byte[] mutant) {
        return new TpmEvidence(
                part == 0 ? mutant : genuine.quote(),
                part == 1 ? mutant : genuine.signature(),
                part == 2 ? mutant : genuine.attestationKey(),
                part == 3 ? mutant : genuine.registers(),
                genuine.eventLog());
    }

    private static byte[] flipped(byte[] original, int bit) {
        byte[] mutant = original.clone();
        mutant[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        return mutant;
    }
}

package dev.strongroom.attestation.nitro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.nitro.Vectors.Vector;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits of genuine documents, each byte in turn: no flip survives and none makes the
 * verifier throw. {@code -Dstrongroom.seed} chooses which bits.
 */
class NitroMutationTest {
    private static final long SEED = Long.getLong("strongroom.seed", 20_261_122L);

    @Test
    void refusesAFlippedBitInWhatRealHypervisorsSigned() {
        refuses(RecordedDocumentsTest.AWS, Vectors.genuine().toList(), 5_000);
    }

    @Test
    @Tag("nightly")
    void refusesAHundredThousandFlippedBits() {
        refuses(RecordedDocumentsTest.AWS, Vectors.genuine().toList(), 100_000);
    }

    /** Not under the pinned root, so that this one needs no recorded evidence. */
    @Test
    void refusesAFlippedBitInASoftwareEnclavesDocument() {
        var enclave = SoftwareEnclave.create();
        var vector =
                new Vector("synthetic", enclave.document(), SoftwareEnclave.NOW, "", List.of());
        var verifier =
                new NitroVerifier(
                        Set.of(enclave.root()), Tee.SIMULATED, NitroVerifier.CHALLENGE_SKEW);
        assertThat(verifier.verify(vector.document(), List.of(), vector.verifyAt()))
                .isInstanceOf(NitroVerdict.Authentic.class);
        refuses(verifier, List.of(vector), 1_000);
    }

    private static void refuses(NitroVerifier verifier, List<Vector> vectors, int mutants) {
        var random = new Random(SEED);
        for (int i = 0; i < mutants; i++) {
            Vector vector = vectors.get(i % vectors.size());
            byte[] mutant = vector.document().clone();
            int at = i / vectors.size() % mutant.length;
            mutant[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            assertThat(verifier.verify(mutant, List.of(), vector.verifyAt()))
                    .as("seed %d mutant %d: %s byte %d", SEED, i, vector, at)
                    .isInstanceOf(NitroVerdict.Refused.class);
        }
    }
}

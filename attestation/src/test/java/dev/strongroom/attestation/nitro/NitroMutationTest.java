package dev.strongroom.attestation.nitro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.BitFlips;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.nitro.Vectors.Vector;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits in every byte of genuine documents: no flip survives and none makes the
 * verifier throw.
 */
class NitroMutationTest {
    @Test
    void refusesAFlippedBitInWhatRealHypervisorsSigned() {
        refuses(RecordedDocumentsTest.AWS, Vectors.genuine().toList(), 2_000);
    }

    @Tag("nightly")
    @Test
    void refusesAFlippedBitInEveryByte() {
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
        BitFlips.ofWhole(vectors.stream().map(Vector::document).toList(), mutants)
                .forEach(flip -> {
                    Vector vector = vectors.get(flip.sample());
                    assertThat(verifier.verify(flip.mutant(), List.of(), vector.verifyAt()))
                            .as("%s, %s", vector, flip)
                            .isInstanceOf(NitroVerdict.Refused.class);
                });
    }
}

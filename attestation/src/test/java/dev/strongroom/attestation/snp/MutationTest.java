package dev.strongroom.attestation.snp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.BitFlips;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.snp.Vectors.Vector;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits in every genuine report and in the certificates that come with it: no flip
 * survives and no flip makes the verifier throw.
 */
class MutationTest {
    private static final int MUTANTS = 2_000;
    private static final int MANY = 100_000;
    private static final SnpVerifier AMD =
            new SnpVerifier(TrustAnchors.vendors().snpRoots(), Tee.SEV_SNP, Revocation.WHEN_GIVEN);

    @Test
    void refusesASingleBitFlipInAReport() {
        refusesInReports(MUTANTS);
    }

    @Tag("nightly")
    @Test
    void refusesASingleBitFlipInEveryByteOfEveryReport() {
        refusesInReports(MANY);
    }

    @Test
    void refusesASingleBitFlipInACertificate() {
        refusesInCertificates(MUTANTS);
    }

    @Tag("nightly")
    @Test
    void refusesASingleBitFlipInEveryByteOfEveryCertificate() {
        refusesInCertificates(MANY);
    }

    private static void refusesInReports(int mutants) {
        List<Vector> vectors = Vectors.genuine().toList();
        BitFlips.ofWhole(vectors.stream().map(Vector::report).toList(), mutants)
                .forEach(flip -> {
                    Vector vector = vectors.get(flip.sample());
                    assertRefused(flip.mutant(), vector.certificates(), vector, flip);
                });
    }

    private static void refusesInCertificates(int mutants) {
        List<Vector> vectors = Vectors.genuine().toList();
        BitFlips.of(vectors.stream().map(Vector::certificates).toList(), mutants)
                .forEach(flip -> {
                    Vector vector = vectors.get(flip.sample());
                    assertRefused(vector.report(), flip.in(vector.certificates()), vector, flip);
                });
    }

    private static void assertRefused(
            byte[] report, List<byte[]> certificates, Vector vector, BitFlips.Flip flip) {
        assertThat(AMD.verify(report, certificates, List.of(), vector.verifyAt()))
                .as("%s, %s", vector, flip)
                .isInstanceOf(SnpVerdict.Refused.class);
    }
}

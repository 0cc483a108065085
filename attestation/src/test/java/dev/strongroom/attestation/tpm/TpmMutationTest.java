package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.BitFlips;
import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits in every byte of genuine evidence: no flip survives and none makes the verifier
 * throw. An event log is not among it: what it says of its events is signed by nobody.
 */
class TpmMutationTest {
    private static final int MUTANTS = 1_000;
    private static final int MANY = 100_000;

    /** Evidence, and the trust under which it is authentic. */
    private record Sample(AkTrust trust, TpmEvidence evidence) {
        static Sample of(TpmEvidence evidence) throws TpmFormatException {
            return new Sample(RecordedTpmQuotesTest.byName(evidence), evidence);
        }

        List<byte[]> parts() {
            return List.of(
                    evidence.quote(),
                    evidence.signature(),
                    evidence.attestationKey(),
                    evidence.registers());
        }

        TpmVerdict verdict(List<byte[]> parts) {
            var mutant =
                    new TpmEvidence(
                            parts.get(0),
                            parts.get(1),
                            parts.get(2),
                            parts.get(3),
                            evidence.eventLog());
            return RecordedTpmQuotesTest.verify(trust, mutant);
        }
    }

    @Test
    void refusesASingleBitFlip() throws TpmFormatException {
        refuses(made(), MUTANTS);
    }

    @Test
    void refusesASingleBitFlipInRecordedQuotes() throws TpmFormatException {
        refuses(recorded(), MUTANTS);
    }

    @Tag("nightly")
    @Test
    void refusesASingleBitFlipInEveryByte() throws TpmFormatException {
        refuses(made(), MANY);
    }

    @Tag("nightly")
    @Test
    void refusesASingleBitFlipInEveryByteOfRecordedQuotes() throws TpmFormatException {
        refuses(recorded(), MANY);
    }

    private static List<Sample> made() throws TpmFormatException {
        var samples = new ArrayList<Sample>();
        for (SoftwareTpm tpm :
                List.of(
                        SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256),
                        SoftwareTpm.rsa(Algorithm.RSASSA, HashAlgorithm.SHA256),
                        SoftwareTpm.rsa(Algorithm.RSAPSS, HashAlgorithm.SHA256))) {
            var registers = SoftwareTpm.sha256(0, 7, 16).toArray(SoftwareTpm.Register[]::new);
            samples.add(Sample.of(tpm.evidence(registers)));
        }
        return samples;
    }

    private static List<Sample> recorded() throws TpmFormatException {
        var samples = new ArrayList<Sample>();
        for (var vector : Vectors.genuine()) {
            samples.add(Sample.of(vector.evidence()));
        }
        return samples;
    }

    private static void refuses(List<Sample> samples, int mutants) {
        assertThat(samples)
                .allSatisfy(sample ->
                        assertThat(sample.verdict(sample.parts()))
                                .isInstanceOf(TpmVerdict.Authentic.class));
        BitFlips.of(samples.stream().map(Sample::parts).toList(), mutants)
                .forEach(flip -> {
                    Sample sample = samples.get(flip.sample());
                    assertThat(sample.verdict(flip.in(sample.parts())))
                            .as("%s", flip)
                            .isInstanceOf(TpmVerdict.Refused.class);
                });
    }
}

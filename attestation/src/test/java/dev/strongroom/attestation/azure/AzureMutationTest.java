package dev.strongroom.attestation.azure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.BitFlips;
import dev.strongroom.attestation.tpm.TpmEvidence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits in every byte of recorded evidence and of recorded reports: no flip survives
 * and none makes the verifier throw.
 */
class AzureMutationTest {
    private static final int MUTANTS = 2_000;
    private static final int MANY = 100_000;
    private static final byte[] NOTHING = {};

    /** Evidence, and a verifier that accepts it. */
    private record Sample(AzureEvidence evidence, AzureVerifier verifier) {
        static Sample recorded(String file) {
            try {
                CocoEvidence recorded = CocoEvidence.parse(Vectors.file("trustee-az-snp/" + file));
                AzureEvidence evidence = recorded.evidence();
                var chip =
                        RecordedAzureEvidenceTest.snp(
                                RecordedAzureEvidenceTest.chain(recorded.certificates()));
                var reports =
                        new HclVerifier(once(chip, evidence), RecordedAzureEvidenceTest.NOBODY);
                return new Sample(evidence, new AzureVerifier(reports));
            } catch (AzureFormatException e) {
                throw new IllegalStateException(file, e);
            }
        }

        /** Judges the genuine report once: most flips are elsewhere. */
        private static ProcessorVerifier once(ProcessorVerifier verifier, AzureEvidence evidence)
                throws AzureFormatException {
            byte[] genuine = HclReport.parse(evidence.hclReport()).hardwareReport();
            ProcessorVerdict verdict = verifier.verify(genuine, RecordedAzureEvidenceTest.AT);
            return (report, now) ->
                    Arrays.equals(report, genuine) ? verdict : verifier.verify(report, now);
        }

        List<byte[]> parts() {
            TpmEvidence tpm = evidence.tpm();
            return List.of(evidence.hclReport(), tpm.quote(), tpm.signature(), tpm.registers());
        }

        AzureVerdict verdict(List<byte[]> parts) {
            var tpm = new TpmEvidence(parts.get(1), parts.get(2), NOTHING, parts.get(3), NOTHING);
            return verifier.verify(
                    new AzureEvidence(parts.get(0), NOTHING, tpm), RecordedAzureEvidenceTest.AT);
        }
    }

    @Test
    void refusesASingleBitFlip() {
        refuses(MUTANTS);
    }

    @Tag("nightly")
    @Test
    void refusesASingleBitFlipInEveryByte() {
        refuses(MANY);
    }

    private static void refuses(int mutants) {
        List<Sample> samples =
                List.of(Sample.recorded("evidence-v1.json"), Sample.recorded("evidence-v2.json"));
        assertThat(samples)
                .allSatisfy(sample ->
                        assertThat(sample.verdict(sample.parts()))
                                .isInstanceOf(AzureVerdict.Authentic.class));
        BitFlips.of(samples.stream().map(Sample::parts).toList(), mutants)
                .forEach(flip -> {
                    Sample sample = samples.get(flip.sample());
                    assertThat(sample.verdict(flip.in(sample.parts())))
                            .as("%s", flip)
                            .isInstanceOf(AzureVerdict.Refused.class);
                });
    }

    @Test
    void refusesASingleBitFlipInAReportAlone() throws Exception {
        refusesInReports(MUTANTS / 5);
    }

    @Tag("nightly")
    @Test
    void refusesASingleBitFlipInEveryByteOfEveryReportAlone() throws Exception {
        refusesInReports(MANY / 5);
    }

    private static void refusesInReports(int mutants) throws Exception {
        var reports = new ArrayList<byte[]>();
        for (String folder : List.of("hcl-12afe0", "hcl-5145ba", "hcl-ca2703")) {
            reports.add(RecordedAzureEvidenceTest.hcl(folder));
        }
        var chips = RecordedAzureEvidenceTest.chain(RecordedAzureEvidenceTest.everyChip());
        var verifier =
                new HclVerifier(
                        RecordedAzureEvidenceTest.snp(chips), RecordedAzureEvidenceTest.NOBODY);
        BitFlips.ofWhole(reports, mutants)
                .forEach(flip ->
                        assertThat(
                                        verifier.verify(
                                                flip.mutant(),
                                                NOTHING,
                                                RecordedAzureEvidenceTest.AT))
                                .as("%s", flip)
                                .isInstanceOf(HclVerdict.Refused.class));
    }
}

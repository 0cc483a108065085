package dev.strongroom.attestation.azure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.azure.HclReport.Isolation;
import dev.strongroom.attestation.policy.FlippedClaims;
import dev.strongroom.attestation.policy.PolicyDecision;
import dev.strongroom.attestation.policy.PolicyDraft;
import dev.strongroom.attestation.tpm.SoftwareVtpm;
import dev.strongroom.attestation.tpm.TpmEvidence;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A policy for an Azure VM says what boots there, whatever the sender leaves out of the quote. */
class FlippedAzureClaimsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final byte[] NOTHING = {};
    private static final SoftwareVtpm VTPM = new SoftwareVtpm();
    private static final SoftwareHcl HCL = SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key());

    @Test
    void everyClaimOfAQuoteCounts() throws Exception {
        FlippedClaims.assertThatEachCounts(
                claims(VTPM.evidence(NOTHING)), Set.of("snp.measurement"), 20);
    }

    @Test
    void aQuoteThatShowsNoRegistersIsNotAllowed() throws Exception {
        TpmEvidence quoted = VTPM.evidence(NOTHING);
        Claims silent =
                claims(
                        new TpmEvidence(
                                quoted.quote(), quoted.signature(), NOTHING, NOTHING, NOTHING));
        var draft = PolicyDraft.pinning(silent);
        assertThat(draft.policy().named()).contains("tpm.pcr.sha256.4", "tpm.secure-boot");
        assertThat(rule(draft, silent)).isEqualTo("policy.unpinned.tpm.pcr");
    }

    @Test
    void aPolicyThatLetsAnythingBootDenies() throws Exception {
        Claims claims = claims(VTPM.evidence(NOTHING));
        var draft = PolicyDraft.pinning(claims);
        assertThat(rule(draft, claims)).isEqualTo("allowed");
        IntStream.rangeClosed(0, 15).forEach(pcr -> draft.any("tpm.pcr.sha256." + pcr));
        assertThat(rule(draft, claims)).isEqualTo("policy.unpinned.tpm.pcr");
        draft.noneOf("tpm.pcr.sha256.4", Set.of("00"));
        assertThat(rule(draft, claims)).isEqualTo("policy.unpinned.tpm.pcr");
        draft.oneOf("tpm.pcr.sha256.7", Set.of("07".repeat(32)));
        assertThat(rule(draft, claims)).isEqualTo("policy.unpinned.tpm.pcr");
    }

    private static String rule(PolicyDraft draft, Claims claims) throws Exception {
        return switch (draft.policy().evaluate(claims, Posture.BASE)) {
            case PolicyDecision.Allowed _ -> "allowed";
            case PolicyDecision.Denied(String rule, _) -> rule;
        };
    }

    private static Claims claims(TpmEvidence quote) {
        var processor =
                new Claims(
                        Tee.SEV_SNP,
                        Digest.sha256(NOTHING),
                        new byte[32],
                        Map.of("snp.measurement", "ab".repeat(48), "snp.vmpl", "0"));
        ProcessorVerifier snp =
                (_, _) -> new ProcessorVerdict.Authentic(HCL.reportData(), processor);
        var verifier = new AzureVerifier(new HclVerifier(snp, snp));
        var evidence = new AzureEvidence(HCL.bytes(), NOTHING, quote);
        return ((AzureVerdict.Authentic) verifier.verify(evidence, NOW)).claims();
    }
}

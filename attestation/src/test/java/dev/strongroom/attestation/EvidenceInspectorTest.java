package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.tpm.SoftwareVtpm;
import dev.strongroom.attestation.tpm.TpmEvidence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What looks genuine only by its own word is not verified. */
class EvidenceInspectorTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final SoftwareVtpm TPM = new SoftwareVtpm();
    private static final EvidenceItem KEY = key(TPM.key().getEncoded());

    @Test
    void verifiesAQuoteUnderAKeyOfTheOperator() {
        assertThat(rule(quote(), KEY)).isEmpty();
        assertThat(rule(quote(), key(new SoftwareVtpm().key().getEncoded()), KEY)).isEmpty();
        assertThat(rule(quote(), key(TPM.area()))).isEmpty();
        assertThat(rule(quote(key(TPM.area())), KEY)).isEmpty();
    }

    @Test
    void refusesAQuoteUnderAKeyThatCameWithIt() {
        assertThat(rule(quote(KEY))).isEqualTo("tpm.ak.missing");
        assertThat(rule(quote(key(TPM.area())))).isEqualTo("tpm.ak.missing");
        EvidenceItem another = key(new SoftwareVtpm().key().getEncoded());
        assertThat(rule(quote(KEY), another)).isEqualTo("tpm.signature");
    }

    @Test
    void refusesAKeyThatItsTpmDoesNotKeepRestricted() {
        EvidenceItem open = key(TPM.unrestrictedArea());
        assertThat(rule(quote(open), KEY)).isEqualTo("tpm.ak.attributes");
        assertThat(rule(quote(), open)).isEqualTo("tpm.ak.attributes");
        assertThat(rule(quote(), KEY, open)).isEqualTo("tpm.ak.attributes");
    }

    @Test
    void asksThePublicAreaOfTheVeryKeyOnly() {
        EvidenceItem another = key(new SoftwareVtpm().unrestrictedArea());
        assertThat(rule(quote(another), KEY)).isEmpty();
        assertThat(rule(quote(key(TPM.unrestrictedArea())), another, KEY))
                .isEqualTo("tpm.ak.attributes");
    }

    @Test
    void judgesTheDevicesThatCameAlong() {
        var device = new DeviceEvidence(Evidence.Format.NVIDIA_REPORT, new byte[64], List.of());
        Evidence genuine = quote();
        var joined =
                new Evidence(
                        genuine.format(), genuine.document(), genuine.items(), List.of(device));
        assertThat(rule(joined, KEY)).startsWith("nvidia.");
    }

    private static String rule(Evidence evidence, EvidenceItem... operators) {
        var inspector =
                new EvidenceInspector(
                        TrustAnchors.vendors(), () -> List.of(operators), Revocation.WHEN_GIVEN);
        return inspector.inspect(evidence, NOW).refusal().map(RuleOutcome::rule).orElse("");
    }

    private static Evidence quote(EvidenceItem... more) {
        TpmEvidence quoted = TPM.evidence(new byte[64]);
        var items = new ArrayList<>(List.of(more));
        items.add(new EvidenceItem(EvidenceItem.Kind.TPM_SIGNATURE, quoted.signature()));
        items.add(new EvidenceItem(EvidenceItem.Kind.PCR_VALUES, quoted.registers()));
        return new Evidence(Evidence.Format.TPM_QUOTE, quoted.quote(), items, List.of());
    }

    private static EvidenceItem key(byte[] bytes) {
        return new EvidenceItem(EvidenceItem.Kind.ATTESTATION_KEY, bytes);
    }
}

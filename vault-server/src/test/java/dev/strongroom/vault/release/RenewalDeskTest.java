package dev.strongroom.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.testkit.ChipPolicy;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the log says of the key that a boot has, against what the owner demands now. */
class RenewalDeskTest {
    private static final String MEASUREMENT = "00".repeat(48);

    @Test
    void aKeyThatWentOutFromALowerLevelIsNotRenewed() throws Exception {
        ReleasePolicy hsm = ChipPolicy.draft(MEASUREMENT).keptAt(TrustLevel.HSM).policy();
        assertThatCode(() -> RenewalDesk.requireKept(Map.of("trust-level", "HSM"), hsm))
                .doesNotThrowAnyException();
        refuses(Map.of("trust-level", "SOFT_TOKEN"), hsm);
    }

    @Test
    void aRecordWithoutAKnownLevelIsARefusal() throws Exception {
        ReleasePolicy any = ChipPolicy.draft(MEASUREMENT).policy();
        refuses(Map.of(), any);
        refuses(Map.of("trust-level", "VAULTED"), any);
    }

    private static void refuses(Map<String, String> released, ReleasePolicy policy) {
        Overtaken refusal =
                catchThrowableOfType(
                        Overtaken.class, () -> RenewalDesk.requireKept(released, policy));
        assertThat(refusal).isNotNull();
        assertThat(refusal.objection().rule()).isEqualTo(KeptKeys.TOO_LOW);
    }
}

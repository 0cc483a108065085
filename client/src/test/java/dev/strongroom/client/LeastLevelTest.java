package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.testkit.ChipPolicy;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Which vaults a push takes for good enough. */
class LeastLevelTest {
    private static final String MEASUREMENT = "00".repeat(48);

    @Test
    void aTokenBelowWhatThePushAsksForIsRefused() throws Exception {
        LeastLevel least = LeastLevel.of(TrustLevel.SOFT_TOKEN, any());
        assertThatCode(() -> least.require(TrustLevel.HSM)).doesNotThrowAnyException();
        refuses(least, TrustLevel.SOFTWARE, "level SOFTWARE, the push asks for SOFT_TOKEN");
    }

    @Test
    void aTokenBelowThePolicyIsRefusedWhateverThePushAsksFor() throws Exception {
        for (TrustLevel asked : new TrustLevel[] {TrustLevel.SOFTWARE, TrustLevel.SOFT_TOKEN}) {
            LeastLevel least = LeastLevel.of(asked, demanding(TrustLevel.HSM));
            assertThatCode(() -> least.require(TrustLevel.HSM)).doesNotThrowAnyException();
            refuses(least, TrustLevel.SOFT_TOKEN, "the release policy demands at least hsm");
        }
    }

    @Test
    void theHigherDemandCounts() throws Exception {
        assertThat(LeastLevel.of(TrustLevel.SOFTWARE, any()).level())
                .isEqualTo(TrustLevel.SOFTWARE);
        assertThat(LeastLevel.of(TrustLevel.SOFTWARE, demanding(TrustLevel.HSM)).level())
                .isEqualTo(TrustLevel.HSM);
        assertThat(LeastLevel.of(TrustLevel.HSM_TRUSTED, demanding(TrustLevel.HSM)).level())
                .isEqualTo(TrustLevel.HSM_TRUSTED);
    }

    @Test
    void aPolicyThatCannotBeReadIsNoReasonToPush() {
        byte[] newer = "{\"version\":2}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> LeastLevel.of(TrustLevel.SOFTWARE, newer))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("cannot be read");
    }

    private static void refuses(LeastLevel least, TrustLevel level, String why) {
        assertThatThrownBy(() -> least.require(level))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining(why)
                .extracting(e -> ((ClientException) e).kind())
                .isEqualTo(ClientException.Kind.DENIED);
    }

    private static byte[] any() {
        return ChipPolicy.draft(MEASUREMENT).json().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] demanding(TrustLevel least) {
        return ChipPolicy.draft(MEASUREMENT).keptAt(least).json().getBytes(StandardCharsets.UTF_8);
    }
}

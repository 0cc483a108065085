package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.policy.FlippedClaims;
import dev.strongroom.attestation.policy.PolicyDecision;
import dev.strongroom.attestation.policy.ReleasePolicy;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every claim of a complete policy for a trust domain counts; firmware alone is no identity. */
class FlippedTdxClaimsTest {
    @Test
    void everyClaimOfAQuoteCounts() throws Exception {
        for (int version : new int[] {4, 5}) {
            var verdict = (TdxVerdict.Authentic) new SoftwarePlatform(version).verify();
            FlippedClaims.assertThatEachCounts(
                    verdict.claims(), Set.of("tdx.mrtd", "tdx.rtmr1", "tdx.rtmr2"), 20);
        }
    }

    @Test
    void aLaunchIsToldByFirmwareLoaderAndKernelTogether() throws Exception {
        var verdict = (TdxVerdict.Authentic) new SoftwarePlatform(4).verify();
        Claims claims = verdict.claims();
        String launched = "";
        for (String register : List.of("tdx.mrtd", "tdx.rtmr1", "tdx.rtmr2")) {
            launched += claims.values().get(register);
        }
        String snp = "ab".repeat(48);
        assertThat(allows(List.of(launched), claims)).isTrue();
        assertThat(allows(List.of(snp, launched), claims)).isTrue();
        assertThat(allows(List.of(snp), claims)).isFalse();
        for (int register = 0; register < 3; register++) {
            var other = new StringBuilder(launched);
            int digit = 96 * register + 40;
            other.setCharAt(digit, launched.charAt(digit) == '0' ? '1' : '0');
            assertThat(allows(List.of(snp, other.toString()), claims)).isFalse();
        }
    }

    private static boolean allows(List<String> launches, Claims claims) {
        return ReleasePolicy.ofMeasurements(launches).evaluate(claims, Posture.BASE)
                instanceof PolicyDecision.Allowed;
    }
}

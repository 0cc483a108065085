package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.policy.FlippedClaims;
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
}

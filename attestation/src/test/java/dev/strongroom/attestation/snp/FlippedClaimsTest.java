package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.policy.FlippedClaims;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A complete policy for each real report: nothing in it is idle, and nothing may be left out. */
class FlippedClaimsTest {
    private static final SnpVerifier AMD =
            new SnpVerifier(TrustAnchors.vendors().snpRoots(), Tee.SEV_SNP, Revocation.WHEN_GIVEN);

    @Test
    void everyClaimOfEveryRealReportCounts() throws Exception {
        for (var vector : Vectors.genuine().toList()) {
            SnpVerdict verdict =
                    AMD.verify(
                            vector.report(), vector.certificates(), List.of(), vector.verifyAt());
            FlippedClaims.assertThatEachCounts(
                    ((SnpVerdict.Authentic) verdict).claims(), Set.of("snp.measurement"), 31);
        }
    }
}

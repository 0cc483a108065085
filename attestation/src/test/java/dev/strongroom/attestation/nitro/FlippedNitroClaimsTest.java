package dev.strongroom.attestation.nitro;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.policy.FlippedClaims;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every claim of a complete policy for an enclave counts. */
class FlippedNitroClaimsTest {
    @Test
    void everyClaimOfADocumentCounts() throws Exception {
        SoftwareEnclave enclave = SoftwareEnclave.create();
        var verifier =
                new NitroVerifier(
                        Set.of(enclave.root()), Tee.SIMULATED, NitroVerifier.CHALLENGE_SKEW);
        var verdict =
                (NitroVerdict.Authentic)
                        verifier.verify(enclave.document(), List.of(), SoftwareEnclave.NOW);
        FlippedClaims.assertThatEachCounts(verdict.claims(), Set.of("nitro.pcr0"), 7);
    }
}

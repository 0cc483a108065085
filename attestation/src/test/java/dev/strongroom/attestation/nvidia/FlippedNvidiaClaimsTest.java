package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.nvidia.SoftwareGpu.Message;
import dev.strongroom.attestation.policy.FlippedClaims;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every claim of a complete policy for a GPU beside a CPU counts, its device's number, too. */
class FlippedNvidiaClaimsTest {
    @Test
    void everyClaimOfAReportCounts() throws Exception {
        SoftwareGpu gpu = SoftwareGpu.create();
        var verifier = new NvidiaVerifier(Set.of(gpu.rootFingerprint()), Set.of(), Tee.SIMULATED);
        byte[] report = gpu.sign(new Message().field(36, new byte[] {1}));
        var verdict =
                (NvidiaVerdict.Authentic)
                        verifier.verify(report, gpu.certificates(), List.of(), SoftwareGpu.NOW);
        var values = new HashMap<>(verdict.claims().values());
        values.put("nvidia.devices", "1");
        values.put("snp.measurement", "ab".repeat(48));
        FlippedClaims.assertThatEachCounts(
                new Claims(Tee.SIMULATED, verdict.claims().rootFingerprint(), new byte[32], values),
                Set.of("snp.measurement"),
                8);
    }
}

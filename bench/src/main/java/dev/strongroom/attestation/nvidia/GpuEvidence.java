package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.Tee;
import java.util.List;
import java.util.Set;

/** A report of the GPU in software that the tests have, with its certificates and its root. */
public final class GpuEvidence {
    private final SoftwareGpu gpu = SoftwareGpu.create();
    private final byte[] report = gpu.sign(new SoftwareGpu.Message());
    private final NvidiaVerifier verifier =
            new NvidiaVerifier(Set.of(gpu.rootFingerprint()), Set.of(), Tee.SIMULATED);

    public GpuEvidence() {}

    /** Judges it once, from its bytes. */
    public boolean isAuthentic() {
        return verifier.verify(report, gpu.certificates(), List.of(), SoftwareGpu.NOW)
                instanceof NvidiaVerdict.Authentic;
    }
}

package dev.strongroom.attestation.nvidia;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.nvidia.SoftwareGpu.Message;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.provider.MethodSource;

/** A GPU's report: every length in it is the sender's. */
class NvidiaReportFuzz {
    private static final SoftwareGpu GPU = SoftwareGpu.create();
    private static final Message MESSAGE = new Message().field(36, new byte[] {1});
    private static final byte[] GENUINE = GPU.sign(MESSAGE);
    private static final NvidiaVerifier VERIFIER =
            new NvidiaVerifier(Set.of(GPU.rootFingerprint()), Set.of(), Tee.SIMULATED);

    static List<byte[]> seeds() {
        return List.of(GENUINE);
    }

    @MethodSource("seeds")
    @Fuzzed
    void believesTheGpusOwnReportOnly(byte[] input) throws Exception {
        var report = Hostile.read(input, NvidiaFormatException.class, NvidiaReport::parse);
        if (report.isPresent()) {
            var verdict = VERIFIER.verify(input, GPU.certificates(), List.of(), SoftwareGpu.NOW);
            if (verdict instanceof NvidiaVerdict.Authentic authentic) {
                assertThat(authentic.report().signedBytes()).isEqualTo(MESSAGE.bytes());
            }
        }
    }
}

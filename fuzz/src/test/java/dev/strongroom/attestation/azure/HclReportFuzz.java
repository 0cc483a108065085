package dev.strongroom.attestation.azure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.azure.HclReport.Isolation;
import dev.strongroom.attestation.tpm.SoftwareVtpm;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** An HCL report with its runtime data. */
class HclReportFuzz {
    private static final SoftwareVtpm VTPM = new SoftwareVtpm();

    static List<byte[]> seeds() {
        return List.of(
                SoftwareHcl.of(Isolation.SEV_SNP, VTPM.key()).bytes(),
                SoftwareHcl.of(Isolation.TDX, VTPM.key()).bytes());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAReportOrRefuses(byte[] input) throws Exception {
        var report = Hostile.read(input, AzureFormatException.class, HclReport::parse);
        if (report.isPresent()) {
            byte[] hardware = report.get().hardwareReport();
            byte[] data = report.get().variableData();
            assertThat(hardware).isEqualTo(Arrays.copyOfRange(input, 0x20, 0x20 + hardware.length));
            assertThat(data).isEqualTo(Arrays.copyOfRange(input, 0x4D4, 0x4D4 + data.length));
            Hostile.read(data, AzureFormatException.class, RuntimeClaims::parse);
        }
    }
}

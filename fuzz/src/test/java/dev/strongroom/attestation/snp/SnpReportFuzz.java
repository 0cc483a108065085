package dev.strongroom.attestation.snp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The report that a chip signs: each byte has a meaning or is zero. */
class SnpReportFuzz {
    static List<byte[]> seeds() {
        var chip = SoftwareChip.create(new SecureRandom(), InstantSource.system());
        var config = ChipConfig.launch(new byte[48], new byte[32]);
        return Stream.of(2, 3, 5)
                .map(version -> chip.report(config.withReportVersion(version), new byte[64]))
                .toList();
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAReportOrRefuses(byte[] input) throws Exception {
        var report = Hostile.read(input, SnpFormatException.class, SnpReport::parse);
        if (report.isPresent()) {
            byte[] signed = report.get().signedBytes();
            assertThat(signed).isEqualTo(Arrays.copyOf(input, signed.length));
        }
    }
}

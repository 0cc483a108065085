package dev.strongroom.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The units as systemd reads them. */
class SystemdUnitsTest {
    private static final Path UNITS = Path.of("systemd").toAbsolutePath();

    @ParameterizedTest
    @ValueSource(strings = {"node", "vault"})
    void systemdUnderstandsEveryLineAndRatesTheUnitLow(String process) throws Exception {
        assumeTrue(Tool.exists("systemd-analyze"), "systemd-analyze is not installed");
        Path unit = UNITS.resolve("strongroom-" + process + ".service");
        assertThat(complaints(unit)).allMatch(line -> line.endsWith("No such file or directory"));
        // Tenths: 2.2 of 10. Fails when the exposure is above.
        Tool.run(
                List.of(
                        "systemd-analyze",
                        "security",
                        "--offline=yes",
                        "--threshold=22",
                        "--no-pager",
                        unit.toString()));
    }

    /** It also fails because the program is not installed here. */
    private static List<String> complaints(Path unit) throws IOException, InterruptedException {
        try {
            return Tool.run(List.of("systemd-analyze", "verify", unit.toString())).lines().toList();
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).lines().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "vault"})
    void noUnitLeavesACoreOrGainsPrivileges(String process) throws IOException {
        assertThat(Files.readAllLines(UNITS.resolve("strongroom-" + process + ".service")))
                .contains("LimitCORE=0", "NoNewPrivileges=yes", "ProtectSystem=strict");
    }

    /** As long as the drains of {@code Node.close} together, of eight models; systemd has 90 s. */
    @Test
    void aNodeHasTheTimeToDrainAndToSayItsLastWord() throws IOException {
        assertThat(Files.readAllLines(UNITS.resolve("strongroom-node.service")))
                .filteredOn(line -> line.startsWith("TimeoutStopSec="))
                .singleElement()
                .extracting(line -> Integer.parseInt(line.substring(line.indexOf('=') + 1)))
                .asInstanceOf(InstanceOfAssertFactories.INTEGER)
                .isGreaterThanOrEqualTo(40 + 30 + 30 + 30 + 30 + 8 * 3);
    }
}

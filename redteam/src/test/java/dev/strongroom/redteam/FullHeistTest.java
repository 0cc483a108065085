package dev.strongroom.redteam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole benchmark as a gate: {@code ./strongroom test -Pheist -pl redteam -am}, for nights. */
@Tag("heist")
class FullHeistTest {
    private static final Path ROOT = Path.of(System.getProperty("strongroom.root"));

    @Test
    void showsWhatIsClaimed() throws Exception {
        Path data = ROOT.resolve(Options.DATA);
        assumeThat(new Datasets(data).mnist()).isPresent();
        assumeThat(new Datasets(data).fashion()).isPresent();
        Path report = Files.createDirectories(Path.of("target")).resolve("heist.json");
        int exit =
                Main.attack(
                        new String[] {
                            "--profile",
                            "full",
                            "--gate",
                            "--budget",
                            BudgetTest.HEIST.toString(),
                            "--json",
                            report.toString(),
                            "--data",
                            data.toString()
                        });
        assertThat(exit).isZero();
    }
}

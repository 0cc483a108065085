package dev.strongroom.redteam;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetTest {
    /** The gate of the full profile. */
    static final Path HEIST =
            Path.of(System.getProperty("strongroom.root"))
                    .resolve("redteam/src/test/resources/heist.budget");

    /** What a run shows that meets each line exactly, but for one. */
    private static List<Findings> run(Budget budget, String missed) {
        var findings =
                new Findings(
                        "victim",
                        budget,
                        new PrintStream(
                                OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
        budget.most()
                .forEach((key, most) ->
                        findings.claim(
                                key,
                                "line",
                                Double.NEGATIVE_INFINITY,
                                key.equals(missed) ? Math.nextUp(most) : most));
        return List.of(findings);
    }

    @Test
    void theGateOfTheFullProfileIsShutByEachOfItsLines() throws IOException {
        Budget budget = Budget.read(HEIST);
        assertThat(budget.isMissed(run(budget, "none"))).isFalse();
        assertThat(budget.most().keySet())
                .hasSizeGreaterThan(25)
                .allSatisfy(key -> assertThat(budget.isMissed(run(budget, key))).isTrue());
    }

    @Test
    void aRunThatLeavesALineOutMissesIt() throws IOException {
        Budget budget = Budget.read(HEIST);
        assertThat(budget.isMissed(List.of())).isTrue();
        assertThat(budget.unmeasured(List.of())).isEqualTo(budget.most().keySet());
        assertThat(budget.unmeasured(run(budget, "none"))).isEmpty();
    }
}

package dev.strongroom.redteam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SideDoorsTest {
    private static final int WIDTH = 32;

    @TempDir Path folder;

    /** Ten overlapping clouds, so that there is something to learn by heart. */
    private static Samples clouds(int count) {
        var random = new Random(5);
        List<float[]> rows = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            int label = random.nextInt(10);
            var values = new float[WIDTH];
            for (int at = 0; at < WIDTH; at++) {
                values[at] = (float) ((at % 10 == label ? 1 : 0) + 0.7 * random.nextGaussian());
            }
            rows.add(values);
            labels.add(label);
        }
        return new Samples(rows, labels);
    }

    @Test
    void aMarkOutlivesWhatKeepsTheWeightsAndNotADistillation() {
        Tracing.Table table = Tracing.measure(clouds(3000), 256, 1, 1);
        Map<String, Double> log2P =
                table.rows().stream()
                        .collect(Collectors.toMap(Tracing.Row::key, Tracing.Row::log2P));
        for (String kept : List.of("leaked", "bf16", "permuted", "averaged")) {
            assertThat(log2P.get(kept)).as(kept).isLessThan(-64);
        }
        assertThat(log2P.get("distilled")).isGreaterThan(-30);
        assertThat(table.rows()).allMatch(row -> row.stranger() > -30);
        assertThat(Math.abs(table.accuracyLost())).isLessThan(1);
        Tracing.Row permuted =
                table.rows().stream()
                        .filter(r -> r.key().equals("permuted"))
                        .findAny()
                        .orElseThrow();
        assertThat(permuted.accuracy()).isEqualTo(table.rows().getFirst().accuracy());
    }

    @Test
    void whatIsLearntByHeartIsToldApart() {
        assertThat(Membership.measure(clouds(1500), 1).get("CONTRACT"))
                .hasEntrySatisfying(
                        "areaUnderCurve", area -> assertThat((Double) area).isGreaterThan(0.6));
    }

    @Test
    void anOwnersBudgetReplacesWhatIsClaimed() throws Exception {
        Path file = folder.resolve("budget");
        Files.writeString(file, "knockoff.median = 3\n");
        var findings = new Findings("own", Budget.read(file), System.out);
        findings.claim("knockoff.median", "one", 6, 4);
        findings.claim("knockoff.p95", "another", 10, 8);
        assertThat(findings.claims()).extracting(Claim::met).containsExactly(false, true);
        Files.writeString(file, "knockoff.median = few\n");
        assertThatThrownBy(() -> Budget.read(file)).hasMessageContaining("knockoff.median");
    }
}

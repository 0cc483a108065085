package dev.strongroom.redteam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeistTest {
    private static final int INPUTS = 16;
    private static final int CLASSES = 10;

    /** Clouds that lie in a few directions, so that what is elsewhere is strange. */
    private static Samples clouds(int count, long seed) {
        var random = new Random(seed);
        var directions = new float[CLASSES][INPUTS];
        for (float[] direction : directions) {
            for (int at = 0; at < 6; at++) {
                direction[at] = random.nextFloat();
            }
        }
        List<float[]> rows = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            int label = random.nextInt(CLASSES);
            float[] values = directions[label].clone();
            for (int at = 0; at < INPUTS; at++) {
                double deviation = at < 6 ? 0.08 : 0.01;
                values[at] = Vectors.clip(values[at] + deviation * random.nextGaussian());
            }
            rows.add(values);
            labels.add(label);
        }
        return new Samples(rows, labels);
    }

    static World world(int hidden) {
        return World.trained("clouds", clouds(9000, 1), uniform(500), hidden, 12, 2);
    }

    private static List<float[]> uniform(int count) {
        Attack attack = Attacks.uniform(INPUTS, new Random(3));
        List<float[]> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            rows.add(attack.next());
        }
        return rows;
    }

    @Test
    void flagsForeignQueriesAndNoHonestOnesAndSaysSo() throws IOException {
        var out = new ByteArrayOutputStream();
        var findings =
                new Findings(
                        "clouds",
                        Budget.CLAIMED,
                        new PrintStream(out, true, StandardCharsets.UTF_8));
        var heist = new Heist(world(16), Profile.SMOKE, 1, findings);
        heist.run();
        assertThat(findings.asMap())
                .containsKeys("policy", "delays", "honest", "fidelity", "claims");
        assertThat(findings.claims())
                .filteredOn(claim ->
                        List.of("honest.flagged", "honest.top1", "knockoff.median")
                                .contains(claim.key()))
                .hasSize(3)
                .allMatch(Claim::met);
        assertThat(findings.claims())
                .filteredOn(claim -> Double.isFinite(claim.most()))
                .extracting(Claim::key)
                .isSubsetOf(Budget.read(BudgetTest.HEIST).most().keySet());
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("knockoff, foreign pool");
        assertThat(heist.plot()).startsWith("<svg").endsWith("</svg>\n");
    }

    @Test
    void solvesARegressionExactlyWithoutTheShieldOnly() {
        World world = world(0);
        assertThat(EquationSolving.measure(world, 1).values())
                .filteredOn(EquationSolving.Row::synthetic)
                .hasSize(2)
                .allSatisfy(row -> {
                    assertThat(row.off()).isGreaterThan(0.99);
                    assertThat(row.on()).isLessThan(0.5);
                });
    }

    @Test
    void boundsAProportionExactly() {
        assertThat(ClopperPearson.upper(0, 10_000, 0.95)).isCloseTo(2.995e-4, within(1e-6));
        assertThat(ClopperPearson.upper(5, 5, 0.95)).isEqualTo(1);
        assertThat(ClopperPearson.upper(1, 20, 0.95)).isCloseTo(0.2161, within(1e-3));
    }
}

package dev.strongroom.redteam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.strongroom.serving.guard.shape.Rung;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The node's own guard, asked in process. */
class ShieldTest {
    private static final World WORLD = HeistTest.world(16);

    private static long answered(Shield shield, Attack attack, long queries) {
        long answered = 0;
        for (long query = 0; query < queries; query++) {
            answered += shield.ask(1, attack.next()).isPresent() ? 1 : 0;
        }
        return answered;
    }

    @Test
    void whoIsOnTrialHasHisDayAndNoRowMore() {
        var book = new DayBook(() -> 0);
        assertThat(book.take("acme/trial/c1", 2000, 1500).join().rows()).isEqualTo(1500);
        assertThat(book.take("acme/trial/c1", 2000, 1500).join().rows()).isEqualTo(500);
        assertThat(book.take("acme/trial/c1", 200, 1).join().rows()).isZero();
        Shield trial = WORLD.trial(1);
        assertThat(answered(trial, new Pool(WORLD.honest().rows(), new Random(1)), 500))
                .isEqualTo(500);
    }

    @Test
    void whoIsFlaggedOnTrialHasOneAnswerADay() {
        Shield trial = WORLD.trial(1);
        Attack foreign = new Pool(WORLD.foreign(), new Random(1));
        assertThat(answered(trial, foreign, Policy.TRIAL_ANSWERS)).isLessThan(20);
        assertThat(answered(trial, foreign, 4 * Policy.TRIAL_ANSWERS)).isBetween(3L, 5L);
        assertThat(trial.client(1).flaggedAt).isPositive();
        assertThat(trial.changed()).isZero();
    }

    @Test
    void whoIsFlaggedOnAContractIsShownTheLabel() {
        Shield contract = WORLD.shield(1);
        Attack foreign = new Pool(WORLD.foreign(), new Random(1));
        answered(contract, foreign, 30);
        Optional<float[]> reply = contract.ask(1, foreign.next());
        assertThat(reply)
                .hasValueSatisfying(shown ->
                        assertThat(shown)
                                .isEqualTo(Vectors.oneHot(Vectors.best(shown), shown.length)));
    }

    /** What docs/theft-defence.md tells owners of the policy that they start from. */
    @Test
    void whoIsFlaggedUnderTheStandardContractHasAThousandLabelsADay() {
        assertThat(Policy.FLAGGED_ANSWERS).isEqualTo(1000);
        Shield standard = WORLD.under(Terms.STANDARD, 1);
        Attack foreign = new Pool(WORLD.foreign(), new Random(1));
        answered(standard, foreign, 1000);
        assertThat(standard.client(1).flaggedAt).isBetween(1L, 100L);
        assertThat(answered(standard, foreign, 1000)).isBetween(990L, 1000L);
        Optional<float[]> reply = standard.ask(1, foreign.next());
        assertThat(reply)
                .hasValueSatisfying(shown ->
                        assertThat(shown)
                                .isEqualTo(Vectors.oneHot(Vectors.best(shown), shown.length)));
    }

    @Test
    void aThiefReadsEachRungAsADistributionWithTheSameBestClass() {
        var shaping = Shaping.under(Policy.RULES, new Random(1));
        float[] answer = {0.123456f, 0.6f, 0.276544f};
        for (Rung rung : Rung.values()) {
            float[] read = Reading.of(shaping.on(rung, answer));
            double sum = IntStream.range(0, read.length).mapToDouble(at -> read[at]).sum();
            assertThat(sum).as(rung.name()).isCloseTo(1, within(0.011));
            assertThat(Vectors.best(read)).isEqualTo(1);
        }
        assertThat(List.of(Rung.CONTRACT, Rung.COARSE))
                .extracting(rung -> shaping.on(rung, answer)[0])
                .containsExactly(0.123456f, 0.12f);
    }
}

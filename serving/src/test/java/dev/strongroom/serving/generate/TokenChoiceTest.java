package dev.strongroom.serving.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is picked, and how often. */
class TokenChoiceTest {
    private static final int DRAWS = 20_000;
    private static final float[] LOGITS = {0, (float) Math.log(2), (float) Math.log(5), Float.NaN};

    @Test
    void zeroTemperaturePicksTheFirstOfTheBest() {
        float[] logits = {1, 3, Float.NaN, 3, 2};
        assertThat(choice(Sampling.GREEDY).pick(logits)).hasValue(1);
    }

    @Test
    void nothingIsPickedWhereNothingIsANumber() {
        float[] logits = {Float.NaN, Float.NaN};
        assertThat(choice(Sampling.GREEDY).pick(logits)).isEmpty();
        assertThat(choice(new Sampling(1, 0, 1)).pick(logits)).isEmpty();
    }

    @Test
    void tokensAreDrawnAsOftenAsTheModelSays() {
        double[] often = often(new Sampling(1, 0, 1));
        assertThat(often).containsExactly(new double[] {0.125, 0.25, 0.625, 0}, within(0.02));
    }

    @Test
    void moreTemperatureEvensTheOdds() {
        double[] often = often(new Sampling(2, 0, 1));
        double whole = 1 + Math.sqrt(2) + Math.sqrt(5);
        assertThat(often[0]).isCloseTo(1 / whole, within(0.02));
        assertThat(often[2]).isCloseTo(Math.sqrt(5) / whole, within(0.02));
    }

    @Test
    void onlyTheBestAreDrawnFrom() {
        double[] often = often(new Sampling(1, 2, 1));
        assertThat(often).containsExactly(new double[] {0, 2 / 7.0, 5 / 7.0, 0}, within(0.02));
    }

    @Test
    void onlyTheFewestAreDrawnFromThatHaveTheShare() {
        assertThat(often(new Sampling(1, 0, 0.6)))
                .containsExactly(new double[] {0, 0, 1, 0}, within(1e-6));
        assertThat(often(new Sampling(1, 0, 0.63)))
                .containsExactly(new double[] {0, 2 / 7.0, 5 / 7.0, 0}, within(0.02));
        assertThat(often(new Sampling(1, 3, 0.88)))
                .containsExactly(new double[] {0.125, 0.25, 0.625, 0}, within(0.02));
    }

    @Test
    void theNucleusIsThatOfAFullSort() {
        var random = new SplittableRandom(3);
        for (int round = 0; round < 200; round++) {
            var logits = new float[200];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = (float) (6 * random.nextGaussian());
            }
            double topP = 0.05 + 0.9 * random.nextDouble();
            int all =
                    choice(new Sampling(1, logits.length, topP), round).pick(logits).orElseThrow();
            int some = choice(new Sampling(1, 0, topP), round).pick(logits).orElseThrow();
            assertThat(some).isEqualTo(all);
        }
    }

    private static double[] often(Sampling sampling) {
        var choice = choice(sampling);
        var counts = new double[LOGITS.length];
        for (int i = 0; i < DRAWS; i++) {
            counts[choice.pick(LOGITS).orElseThrow()] += 1.0 / DRAWS;
        }
        return counts;
    }

    private static TokenChoice choice(Sampling sampling) {
        return choice(sampling, 42);
    }

    private static TokenChoice choice(Sampling sampling, long seed) {
        return new TokenChoice(sampling, new SplittableRandom(seed));
    }
}

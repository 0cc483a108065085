package dev.strongroom.serving.guard.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class CellNoiseTest {
    private static final double AMPLITUDE = 0.1;

    private final CellNoise noise = new CellNoise(key(0), 0.25, AMPLITUDE);

    @Test
    void neverChangesTheBestClassNorMovesMoreThanItsAmplitude() {
        var random = new Random(1);
        for (int answer = 0; answer < 2000; answer++) {
            double[] probabilities = simplex(random, 2 + answer % 40);
            double[] disturbed = noise.disturb(probabilities);
            assertThat(best(disturbed)).isEqualTo(best(probabilities));
            double sum = 0;
            for (int at = 0; at < disturbed.length; at++) {
                sum += disturbed[at];
                assertThat(disturbed[at])
                        .isNotNegative()
                        .isCloseTo(probabilities[at], within(AMPLITUDE + 1e-5));
            }
            assertThat(sum).isCloseTo(1, within(0.1));
        }
    }

    @Test
    void leavesAThousandClassesAnAnswer() {
        var probabilities = new double[1000];
        Arrays.fill(probabilities, 0.3 / 999);
        probabilities[7] = 0.7;
        double[] disturbed = noise.disturb(probabilities);
        assertThat(disturbed[7]).isCloseTo(0.7, within(AMPLITUDE));
        assertThat(Arrays.stream(disturbed).sum()).isCloseTo(1, within(1e-9));
    }

    /** An attacker who jitters his input within one cell gets the same noise each time. */
    @Test
    void isNotAveragedAwayByJitteredRepeats() {
        var random = new Random(2);
        double[] truth = {0.62, 0.2, 0.1, 0.08};
        var sum = new double[truth.length];
        for (int repeat = 0; repeat < 200; repeat++) {
            double[] jittered = truth.clone();
            for (int at = 0; at < jittered.length; at++) {
                jittered[at] += 0.002 * random.nextGaussian();
            }
            double[] disturbed = noise.disturb(jittered);
            for (int at = 0; at < sum.length; at++) {
                sum[at] += disturbed[at] / 200;
            }
        }
        double[] once = noise.disturb(truth);
        double left = 0;
        for (int at = 0; at < sum.length; at++) {
            assertThat(sum[at]).isCloseTo(once[at], within(0.004));
            left = Math.max(left, Math.abs(sum[at] - truth[at]));
        }
        assertThat(left).isGreaterThan(0.01);
    }

    @Test
    void dependsOnItsKey() {
        double[] answer = {0.5, 0.3, 0.2};
        assertThat(new CellNoise(key(1), 0.25, AMPLITUDE).disturb(answer))
                .isNotEqualTo(noise.disturb(answer));
    }

    private static SecretKeySpec key(int first) {
        var key = new byte[32];
        key[0] = (byte) first;
        return new SecretKeySpec(key, "HmacSHA256");
    }

    private static double[] simplex(Random random, int classes) {
        double[] values =
                random.doubles(classes).map(_ -> Math.exp(2 * random.nextGaussian())).toArray();
        double sum = Arrays.stream(values).sum();
        return Arrays.stream(values).map(value -> value / sum).toArray();
    }

    private static int best(double[] values) {
        int best = 0;
        for (int at = 1; at < values.length; at++) {
            best = values[at] > values[best] ? at : best;
        }
        return best;
    }
}

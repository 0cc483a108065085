package dev.strongroom.serving.guard.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CellNoiseTest {
    private final CellNoise noise = new CellNoise(new byte[32], 0.05);

    @Test
    void neverChangesTheBestClass() {
        var random = new Random(1);
        for (int answer = 0; answer < 2000; answer++) {
            float[] probabilities = simplex(random);
            float[] disturbed = noise.disturb(probabilities);
            assertThat(best(disturbed)).isEqualTo(best(probabilities));
            double sum = 0;
            for (float value : disturbed) {
                assertThat(value).isNotNegative();
                sum += value;
            }
            assertThat(sum).isCloseTo(1, within(1e-4));
        }
    }

    /** An attacker who jitters his input within one cell gets the same noise each time. */
    @Test
    void isNotAveragedAwayByJitteredRepeats() {
        var random = new Random(2);
        float[] truth = {0.62f, 0.2f, 0.1f, 0.08f};
        var sum = new double[truth.length];
        for (int repeat = 0; repeat < 200; repeat++) {
            float[] jittered = truth.clone();
            for (int at = 0; at < jittered.length; at++) {
                jittered[at] += (float) (0.002 * random.nextGaussian());
            }
            float[] disturbed = noise.disturb(jittered);
            for (int at = 0; at < sum.length; at++) {
                sum[at] += disturbed[at] / 200;
            }
        }
        float[] once = noise.disturb(truth);
        double left = 0;
        for (int at = 0; at < sum.length; at++) {
            assertThat(sum[at]).isCloseTo(once[at], within(0.004));
            left = Math.max(left, Math.abs(sum[at] - truth[at]));
        }
        assertThat(left).isGreaterThan(0.01);
    }

    @Test
    void dependsOnItsKey() {
        var key = new byte[32];
        key[0] = 1;
        float[] answer = {0.5f, 0.3f, 0.2f};
        assertThat(new CellNoise(key, 0.05).disturb(answer)).isNotEqualTo(noise.disturb(answer));
    }

    private static float[] simplex(Random random) {
        var values = new float[10];
        double sum = 0;
        for (int at = 0; at < 10; at++) {
            values[at] = (float) Math.exp(2 * random.nextGaussian());
            sum += values[at];
        }
        for (int at = 0; at < 10; at++) {
            values[at] /= (float) sum;
        }
        return values;
    }

    private static int best(float[] values) {
        int best = 0;
        for (int at = 1; at < values.length; at++) {
            best = values[at] > values[best] ? at : best;
        }
        return best;
    }
}

package dev.strongroom.serving.guard.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LeakTest {
    @Test
    void countsBitsByTheNumberOfPossibleAnswers() {
        assertThat(new Release.Label(8).bits()).isCloseTo(3, within(1e-9));
        assertThat(new Release.Vector(384).bits()).isEqualTo(12_288);
        assertThat(new Release.Rounded(10, 2).bits()).isCloseTo(66.6, within(0.1));
        var ledger = new LeakageLedger();
        ledger.add(new Release.Label(8), 1000);
        assertThat(ledger.bits()).isCloseTo(3000, within(1e-6));
        assertThat(LeakageLedger.leastQueries(7850, 8, new Release.Label(10)))
                .isBetween(18_900L, 18_910L);
    }

    @Test
    void countsTheDimensionsOfALanguageModelsHeadAndStopsAtTheLimit() {
        var random = new Random(1);
        float[][] head = gaussian(random, 1500, 24);
        var meter = new RankMeter(100, 1e-3);
        for (int query = 0; query < 80; query++) {
            meter.add(product(head, gaussian(random, 1, 24)[0]));
        }
        assertThat(meter.rank()).isEqualTo(24);
        var stopped = new RankMeter(6, 1e-3);
        for (int query = 0; query < 80; query++) {
            stopped.add(product(head, gaussian(random, 1, 24)[0]));
        }
        assertThat(stopped.exhausted()).isTrue();
        assertThat(stopped.rank()).isEqualTo(6);
    }

    @Test
    void countsARepeatedOrScaledVectorOnce() {
        var meter = new RankMeter(10, 1e-3);
        float[] vector = gaussian(new Random(2), 1, 300)[0];
        meter.add(vector);
        for (int at = 0; at < vector.length; at++) {
            vector[at] *= -3;
        }
        meter.add(vector);
        meter.add(new float[300]);
        assertThat(meter.rank()).isEqualTo(1);
    }

    private static float[][] gaussian(Random random, int rows, int columns) {
        var values = new float[rows][columns];
        for (float[] row : values) {
            for (int at = 0; at < columns; at++) {
                row[at] = (float) random.nextGaussian();
            }
        }
        return values;
    }

    private static float[] product(float[][] matrix, float[] vector) {
        var product = new float[matrix.length];
        for (int row = 0; row < matrix.length; row++) {
            for (int at = 0; at < vector.length; at++) {
                product[row] += matrix[row][at] * vector[at];
            }
        }
        return product;
    }
}

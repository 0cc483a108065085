package dev.strongroom.serving.guard.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EvidenceProcessTest {
    @Test
    void startsWithAWealthOfOne() {
        assertThat(new EvidenceProcess().evidence()).isCloseTo(1, within(1e-12));
        double stakes = 0;
        for (int capital = 0; capital < Bets.CAPITALS; capital++) {
            stakes += Bets.stake(capital);
        }
        assertThat(stakes).isCloseTo(1, within(1e-12));
    }

    @Test
    void noBetGainsOnAverageAgainstUniformPValues() {
        int steps = 200_000;
        var means = new double[Bets.CAPITALS];
        var factors = new double[Bets.CAPITALS];
        for (int step = 0; step < steps; step++) {
            var p = new double[Score.COUNT];
            Arrays.fill(p, (step + 0.5) / steps); // the integral, by midpoints
            Bets.factors(p, factors);
            for (int at = 0; at < means.length; at++) {
                means[at] += factors[at] / steps;
            }
        }
        assertThat(Arrays.stream(means).max().orElseThrow()).isLessThanOrEqualTo(1);
    }

    /** Ville: at most a share 1/m of honest lives ever reaches evidence m. */
    @Test
    void fewerHonestLivesThanStatedEverReachALevel() {
        var random = new SplittableRandom(3);
        int lives = 2000;
        int reachedTen = 0;
        int reachedHundred = 0;
        for (int life = 0; life < lives; life++) {
            var process = new EvidenceProcess();
            double most = 0;
            for (int query = 0; query < 300; query++) {
                process.add(random.doubles(Score.COUNT).toArray());
                most = Math.max(most, process.evidence());
            }
            reachedTen += most >= 10 ? 1 : 0;
            reachedHundred += most >= 100 ? 1 : 0;
        }
        assertThat(reachedTen).isLessThanOrEqualTo(lives / 10);
        assertThat(reachedHundred).isLessThanOrEqualTo(lives / 100);
    }

    @Test
    void goesOnFromItsState() throws CalibrationFormatException {
        var process = new EvidenceProcess();
        process.add(new double[] {0.01, 0.5, 0.2, 0.1, 0.1, 0.3, Double.NaN});
        var state = ByteBuffer.allocate(EvidenceProcess.STATE_BYTES);
        process.write(state);
        assertThat(state.hasRemaining()).isFalse();
        assertThat(state.capacity()).isLessThanOrEqualTo(450);
        var restored = EvidenceProcess.read(state.flip());
        process.add(new double[] {0.001, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6});
        restored.add(new double[] {0.001, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6});
        assertThat(restored.evidence()).isEqualTo(process.evidence());
        assertThat(restored.queries()).isEqualTo(2);
    }

    @Test
    void refusesStatesThatNoProcessHas() {
        var negative = ByteBuffer.allocate(EvidenceProcess.STATE_BYTES).putDouble(8, -1);
        var notANumber = ByteBuffer.allocate(EvidenceProcess.STATE_BYTES).putDouble(8, Double.NaN);
        var cut = ByteBuffer.allocate(EvidenceProcess.STATE_BYTES - 1);
        for (ByteBuffer state : new ByteBuffer[] {negative, notANumber, cut}) {
            assertThatThrownBy(() -> EvidenceProcess.read(state))
                    .isInstanceOf(CalibrationFormatException.class);
        }
    }

    @Test
    void staysFiniteUnderEndlessEvidence() {
        var process = new EvidenceProcess();
        for (int query = 0; query < 2000; query++) {
            process.add(new double[] {1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-5});
        }
        assertThat(process.evidence()).isFinite().isGreaterThan(1e100);
    }
}

package dev.strongroom.serving.guard.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.serving.guard.leak.RankMeter.Sight;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DirectionsTest {
    private static final int LENGTH = 12;

    private final Directions directions = new Directions();

    @Test
    void aDirectionThatIsTooSmallToCountIsNotShown() {
        double[] known = drawn(new Random(1));
        assertThat(directions.show(1, known.clone(), 1)).isEqualTo(Sight.NEW);
        for (int at = 0; at < LENGTH; at++) {
            double[] asked = known.clone();
            asked[at] += 1e-4;
            assertThat(directions.show(1, asked, 1)).isEqualTo(Sight.KNOWN);
            double scale = asked[0] / known[0];
            for (int i = 0; i < LENGTH; i++) {
                assertThat(asked[i])
                        .as("number %d of %d", i, at)
                        .isCloseTo(scale * known[i], within(1e-6));
            }
        }
    }

    @Test
    void whatLiesInDirectionsSeenIsShownAsItIs() {
        var random = new Random(2);
        double[] one = drawn(random);
        double[] other = drawn(random);
        directions.show(1, one.clone(), 2);
        directions.show(1, other.clone(), 2);
        var asked = new double[LENGTH];
        for (int at = 0; at < LENGTH; at++) {
            asked[at] = 3 * one[at] - 0.1 * other[at];
        }
        double[] shown = asked.clone();
        assertThat(directions.show(1, shown, 2)).isEqualTo(Sight.KNOWN);
        assertThat(shown).containsExactly(asked, within(1e-5));
        assertThat(directions.show(1, drawn(random), 2)).isEqualTo(Sight.TOO_MANY);
    }

    @Test
    void numbersThatAreTinyOrHugeCountAsAny() {
        assertThat(directions.show(1, new double[] {1e-310, 0}, 1)).isEqualTo(Sight.NEW);
        assertThat(directions.show(1, new double[] {0, 1e-310}, 1)).isEqualTo(Sight.TOO_MANY);
        assertThat(directions.show(1, new double[] {0, 1e300}, 1)).isEqualTo(Sight.TOO_MANY);
        double[] same = {1e300, 0};
        assertThat(directions.show(1, same, 1)).isEqualTo(Sight.KNOWN);
        assertThat(same).containsExactly(1e300, 0);
    }

    @Test
    @Timeout(30)
    void groupsThatAskAtOnceEachSeeTheirOwn() throws Exception {
        int groups = 4;
        var start = new CountDownLatch(groups);
        var shown = new ArrayList<Future<Long>>();
        try (var threads = Executors.newFixedThreadPool(groups)) {
            for (int group = 0; group < groups; group++) {
                int own = group;
                shown.add(
                        threads.submit(() -> {
                            start.countDown();
                            start.await();
                            var random = new Random(own);
                            return IntStream.range(0, 100)
                                    .filter(_ ->
                                            directions.show(own, drawn(random), 5) == Sight.NEW)
                                    .count();
                        }));
            }
        }
        for (Future<Long> group : shown) {
            assertThat(group.get()).isEqualTo(5);
        }
        assertThat(directions.counts()).hasSize(groups).allMatch(of -> of.directions() == 5);
    }

    @Test
    void memoryOfAllGroupsIsBounded() {
        var vector = new double[1 << 22];
        for (int at = 0; at < 4; at++) {
            vector[at] = 1;
            assertThat(directions.show(at, vector.clone(), 256)).isEqualTo(Sight.NEW);
        }
        assertThat(directions.show(5, vector.clone(), 256)).isEqualTo(Sight.TOO_MANY);
        assertThat(directions.show(6, new double[] {1}, 256)).isEqualTo(Sight.TOO_MANY);
        assertThat(directions.show(3, vector, 256)).isEqualTo(Sight.KNOWN);
    }

    @Test
    void aVersionThatComesBackIntoMemoryFindsWhatWasSeenOfIt() {
        var version = VersionId.of(new byte[16]);
        VersionDirections served = VersionDirections.of(version);
        served.directions().show(1, new double[] {1, 0}, 1);
        Directions again = served.before(version).directions();
        assertThat(again.show(1, new double[] {0, 1}, 1)).isEqualTo(Sight.TOO_MANY);
        var other = VersionId.of("another version.".getBytes(StandardCharsets.US_ASCII));
        Directions later = served.before(other).directions();
        assertThat(later.show(1, new double[] {0, 1}, 1)).isEqualTo(Sight.NEW);
    }

    private static double[] drawn(Random random) {
        return random.doubles(LENGTH, 1, 3).toArray();
    }
}

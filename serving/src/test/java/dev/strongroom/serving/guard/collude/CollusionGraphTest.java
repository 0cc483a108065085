package dev.strongroom.serving.guard.collude;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CollusionGraphTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final double[] STRANGE = {1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4};

    private final CollusionGraph graph = new CollusionGraph(Duration.ofHours(1), 100);

    @Test
    void suspectsThreeWhoContinueEachOther() {
        graph.link(2, 1, NOON);
        graph.link(1, 2, NOON);
        assertThat(graph.standing(2, NOON).suspected()).isFalse();
        graph.link(3, 2, NOON);
        assertThat(graph.standing(2, NOON)).isEqualTo(new Standing(3, true, 1));
    }

    @Test
    void neverSuspectsWhoWasOnlyCopied() {
        for (long copier = 2; copier < 10; copier++) {
            graph.link(copier, 1, NOON);
        }
        assertThat(graph.standing(1, NOON).cluster()).isEqualTo(9);
        assertThat(graph.standing(1, NOON).suspected()).isFalse();
        assertThat(graph.standing(2, NOON).suspected()).isTrue();
    }

    @Test
    void poolsTheEvidenceOfSuspectsOnly() {
        chain(1, 2, 3, 4);
        for (long member = 1; member <= 4; member++) {
            graph.add(member, STRANGE, NOON);
        }
        graph.add(99, STRANGE, NOON);
        assertThat(graph.standing(3, NOON).evidence()).isGreaterThan(1000);
        assertThat(graph.standing(1, NOON).evidence()).isEqualTo(1); // was copied, copied nobody
        assertThat(graph.standing(99, NOON)).isEqualTo(Standing.ALONE);
    }

    @Test
    void forgetsEdgesWithTime() {
        chain(1, 2, 3, 4);
        assertThat(graph.standing(4, NOON.plusSeconds(3601))).isEqualTo(Standing.ALONE);
        assertThat(graph.edges()).isZero();
    }

    @Test
    void splitsAClusterWhoseOldEdgeAged() {
        graph.link(2, 1, NOON);
        Instant later = NOON.plusSeconds(3000);
        graph.link(3, 2, later);
        graph.link(4, 3, later);
        assertThat(graph.standing(4, later).cluster()).isEqualTo(4);
        assertThat(graph.standing(4, NOON.plusSeconds(3700)).cluster()).isEqualTo(3);
    }

    @Test
    void givesUpTheOldestEdgesWhenFullAndAlwaysKeepsHalf() {
        for (long principal = 0; principal < 300; principal++) {
            graph.link(2 * principal + 1, 2 * principal, NOON);
            if (principal >= 50) {
                assertThat(graph.edges()).isBetween(50, 100);
            }
        }
        assertThat(graph.standing(599, NOON).cluster()).isEqualTo(2);
        assertThat(graph.standing(1, NOON)).isEqualTo(Standing.ALONE);
    }

    /** Repeating one pair drives nobody else's edges out. */
    @Test
    void keepsAPairOnceHoweverOftenItIsLinked() {
        chain(1, 2, 3, 4);
        for (int again = 0; again < 1000; again++) {
            graph.link(11, 10, NOON);
        }
        assertThat(graph.edges()).isEqualTo(4);
        assertThat(graph.standing(4, NOON).cluster()).isEqualTo(4);
    }

    /** A full graph of hundred thousand edges takes links no slower than an empty one. */
    @Test
    void linksInTheSameShortTimeHoweverFullItIs() {
        var large = new CollusionGraph(Duration.ofDays(7), 1 << 17);
        long begun = System.nanoTime();
        for (long principal = 0; principal < 400_000; principal++) {
            large.link(principal + 1, principal, NOON);
        }
        assertThat(large.edges()).isBetween(1 << 16, 1 << 17);
        // drawing it anew at each link would take hours
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void goesOnWithTheLongerProcessWhenClustersMeet() {
        chain(1, 2, 3, 4);
        chain(11, 12, 13, 14);
        graph.add(4, STRANGE, NOON);
        graph.add(4, STRANGE, NOON);
        double evidence = graph.standing(4, NOON).evidence();
        graph.add(14, STRANGE, NOON);
        graph.link(14, 4, NOON);
        assertThat(graph.standing(14, NOON).evidence()).isEqualTo(evidence);
    }

    private void chain(long... principals) {
        for (int at = 1; at < principals.length; at++) {
            graph.link(principals[at], principals[at - 1], NOON);
        }
    }
}

package dev.strongroom.serving.guard.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.guard.limit.Standing;
import dev.strongroom.serving.guard.shape.Rung;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionTest {
    private static final Standing VICTIMS_THIEF = standing(1, 5e6, Rung.LABEL, 'v');

    /** An attacker with many accounts that are all worse cannot make a guard forget another one. */
    @Test
    void aGroupOfManyAccountsPushesOutItsOwn() {
        var standings = new ArrayList<Standing>();
        standings.add(VICTIMS_THIEF);
        for (long id = 100; id < 1100; id++) {
            standings.add(standing(id, 1e200, Rung.LABEL, 'a'));
        }
        assertThat(Selection.of(standings, 10)).hasSize(10).contains(VICTIMS_THIEF);
    }

    @Test
    void honestCallersGiveWayToSuspiciousOnes() {
        var standings = new ArrayList<Standing>();
        for (long id = 100; id < 200; id++) {
            standings.add(standing(id, 0.1, Rung.CONTRACT, (char) id));
        }
        standings.add(VICTIMS_THIEF);
        assertThat(Selection.of(standings, 1)).containsExactly(VICTIMS_THIEF);
    }

    @Test
    void theOrderIsTheStandingsOwn() {
        Standing one = standing(1, 20, Rung.COARSE, 'a');
        Standing two = standing(2, 20, Rung.COARSE, 'b');
        assertThat(Selection.of(List.of(one, two), 9))
                .isEqualTo(Selection.of(List.of(two, one), 9));
    }

    private static Standing standing(long id, double evidence, Rung rung, char group) {
        return new Standing(id, evidence, rung, group, 0);
    }
}

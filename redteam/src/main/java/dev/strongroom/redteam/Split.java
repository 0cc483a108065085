package dev.strongroom.redteam;

import java.util.Random;

/**
 * Everybody's part of the data; no row is in two.
 *
 * @param thief samples of the victim's distribution that a thief has
 * @param test on which fidelity is measured
 */
record Split(Samples train, Samples calibration, Samples honest, Samples thief, Samples test) {
    static Split of(Samples all, Random random) {
        Samples shuffled = all.shuffled(random);
        int size = shuffled.size();
        return new Split(
                shuffled.part(0, size * 2 / 7),
                shuffled.part(size * 2 / 7, size * 5 / 7),
                shuffled.part(size * 5 / 7, size * 6 / 7),
                shuffled.part(size * 13 / 14, size),
                shuffled.part(size * 6 / 7, size * 13 / 14));
    }
}

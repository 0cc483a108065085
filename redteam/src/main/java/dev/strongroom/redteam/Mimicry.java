package dev.strongroom.redteam;

import dev.strongroom.redteam.Informed.Forged;
import dev.strongroom.redteam.Informed.Tactic;
import java.util.List;
import java.util.Random;

/**
 * Moves foreign rows until a clone's penultimate features are no farther from their class than its
 * own samples are (Carlini and Wagner 2017, who got past detectors by their own gradient).
 */
final class Mimicry implements Tactic {
    private static final int STEPS = 60;
    private static final double STEP = 0.02; // of the range of a value

    private final FeatureDistance distance;
    private final double usual;
    private final Attack foreign;

    Mimicry(Mlp clone, List<float[]> own, List<float[]> foreign, Random random) {
        this.distance = FeatureDistance.learn(clone, own);
        this.usual = distance.median(own);
        this.foreign = new Pool(foreign, random);
    }

    @Override
    public Forged next() {
        float[] row = foreign.next().clone();
        int step = 0;
        while (step < STEPS && distance.of(row) > usual) {
            float[] slope = distance.gradient(row);
            for (int at = 0; at < row.length; at++) {
                row[at] = Vectors.clip(row[at] - STEP * Math.signum(slope[at]));
            }
            step++;
        }
        return new Forged(row, 1, step);
    }
}

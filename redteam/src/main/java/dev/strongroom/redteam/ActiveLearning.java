package dev.strongroom.redteam;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Asks the rows of a public pool about which its clone is least sure (ActiveThief, entropy). */
final class ActiveLearning extends CloneGuided {
    private static final int ROUND = 50;
    private static final int CANDIDATES = 1000;
    private static final int EPOCHS = 10;

    private final Pool pool;
    private final Mlp clone;

    ActiveLearning(Pool pool, Mlp clone, Random random) {
        super(List.of(clone), EPOCHS, drawn(pool, ROUND), random);
        this.pool = pool;
        this.clone = clone;
    }

    @Override
    Collection<float[]> plan(List<float[]> rows, List<float[]> replies) {
        List<float[]> candidates = drawn(pool, CANDIDATES);
        candidates.sort(Comparator.comparingDouble(row -> -entropy(clone.probabilities(row))));
        return candidates.subList(0, ROUND);
    }

    private static double entropy(float[] probabilities) {
        double sum = 0;
        for (float probability : probabilities) {
            sum -= probability <= 0 ? 0 : probability * Math.log(probability);
        }
        return sum;
    }
}

package dev.strongroom.redteam;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/** Asks the rows of a public pool about which its clone is least sure (ActiveThief, entropy). */
final class ActiveLearning implements Attack {
    private static final int ROUND = 50;
    private static final int CANDIDATES = 1000;
    private static final int EPOCHS = 10;

    private final Pool pool;
    private final Mlp clone;
    private final Random random;
    private final Deque<float[]> queue = new ArrayDeque<>();
    private final List<float[]> rows = new ArrayList<>();
    private final List<float[]> replies = new ArrayList<>();
    private float[] asked = {};

    ActiveLearning(Pool pool, Mlp clone, Random random) {
        this.pool = pool;
        this.clone = clone;
        this.random = random;
        for (int at = 0; at < ROUND; at++) {
            queue.add(pool.next());
        }
    }

    @Override
    public float[] next() {
        if (queue.isEmpty()) {
            choose();
        }
        asked = queue.remove();
        return asked;
    }

    @Override
    public void told(float[] reply) {
        rows.add(asked);
        replies.add(reply);
    }

    private void choose() {
        new Trainer(clone).train(rows, replies, EPOCHS, random);
        List<float[]> candidates = new ArrayList<>();
        for (int at = 0; at < CANDIDATES; at++) {
            candidates.add(pool.next());
        }
        candidates.sort(Comparator.comparingDouble(row -> -entropy(clone.probabilities(row))));
        queue.addAll(candidates.subList(0, ROUND));
    }

    private static double entropy(float[] probabilities) {
        double sum = 0;
        for (float probability : probabilities) {
            sum -= probability <= 0 ? 0 : probability * Math.log(probability);
        }
        return sum;
    }
}

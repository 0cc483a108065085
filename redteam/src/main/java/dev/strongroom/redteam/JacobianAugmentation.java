package dev.strongroom.redteam;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * Jacobian-based dataset augmentation (Papernot et al. 2017): trains a clone on the replies so far
 * and moves each sample along the sign of the clone's own gradient; each round doubles the samples.
 */
final class JacobianAugmentation implements Attack {
    private static final double STEP = 0.1;
    private static final int MAX_ROUND = 2000;
    private static final int EPOCHS = 20;

    private final Random random;
    private final Mlp clone;
    private final Deque<float[]> queue = new ArrayDeque<>();
    private final List<float[]> rows = new ArrayList<>();
    private final List<float[]> replies = new ArrayList<>();
    private float[] asked = {};

    JacobianAugmentation(Attack samples, int seeds, Mlp clone, Random random) {
        this.random = random;
        this.clone = clone;
        for (int seed = 0; seed < seeds; seed++) {
            queue.add(samples.next());
        }
    }

    @Override
    public float[] next() {
        if (queue.isEmpty()) {
            augment();
        }
        asked = queue.remove();
        return asked;
    }

    @Override
    public void told(float[] reply) {
        rows.add(asked);
        replies.add(reply);
    }

    private void augment() {
        new Trainer(clone).train(rows, replies, EPOCHS, random);
        int from = Math.max(0, rows.size() - MAX_ROUND);
        for (int at = from; at < rows.size(); at++) {
            queue.add(moved(rows.get(at), Vectors.best(replies.get(at))));
        }
    }

    private float[] moved(float[] row, int label) {
        float[] gradient = clone.inputGradient(row, label);
        float[] moved = row.clone();
        for (int at = 0; at < row.length; at++) {
            moved[at] = Vectors.clip(row[at] + STEP * Math.signum(gradient[at]));
        }
        return moved;
    }
}

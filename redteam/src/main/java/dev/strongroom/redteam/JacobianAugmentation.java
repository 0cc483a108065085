package dev.strongroom.redteam;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;

/**
 * Jacobian-based dataset augmentation (Papernot et al. 2017): trains a clone on the replies so far
 * and moves each sample along the sign of the clone's own gradient; each round doubles the samples.
 */
final class JacobianAugmentation extends CloneGuided {
    private static final double STEP = 0.1;
    private static final int MAX_ROUND = 2000;
    private static final int EPOCHS = 20;

    private final Mlp clone;

    JacobianAugmentation(Attack samples, int seeds, Mlp clone, Random random) {
        super(List.of(clone), EPOCHS, drawn(samples, seeds), random);
        this.clone = clone;
    }

    @Override
    Collection<float[]> plan(List<float[]> rows, List<float[]> replies) {
        var moved = new ArrayList<float[]>();
        for (int at = Math.max(0, rows.size() - MAX_ROUND); at < rows.size(); at++) {
            moved.add(moved(rows.get(at), Vectors.best(replies.get(at))));
        }
        return moved;
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

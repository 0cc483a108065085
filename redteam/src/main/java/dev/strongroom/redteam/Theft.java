package dev.strongroom.redteam;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * What a thief got, and the clone he makes of it. His score is the better of a clone trained on the
 * replies as they are and one trained on their labels, so that noise which labels do not show is
 * worth nothing.
 */
final class Theft {
    private static final long TRAINING_ROWS = 60_000; // rows seen in training, whatever was stolen
    private static final int MAX_EPOCHS = 150;
    private static final int MIN_EPOCHS = 6;

    private final List<float[]> rows = new ArrayList<>();
    private final List<float[]> replies = new ArrayList<>();

    /** Asks {@code budget} times more; refused calls count. */
    void run(Attack attack, Api api, long account, int budget) {
        for (int query = 0; query < budget; query++) {
            float[] row = attack.next();
            Optional<float[]> reply = api.ask(account, row);
            if (reply.isPresent()) {
                attack.told(reply.get());
                rows.add(row);
                replies.add(reply.get());
            }
        }
    }

    int answered() {
        return rows.size();
    }

    List<float[]> rows() {
        return rows;
    }

    List<float[]> replies() {
        return replies;
    }

    /** The share of {@code test} on which the better clone gives the victim's label. */
    double fidelity(Victim victim, int hidden, List<float[]> test, long seed) {
        if (rows.isEmpty()) {
            return 0;
        }
        List<float[]> hard =
                replies.stream()
                        .map(reply -> Vectors.oneHot(Vectors.best(reply), reply.length))
                        .toList();
        return Math.max(
                agreement(clone(victim, hidden, replies, seed), victim, test),
                agreement(clone(victim, hidden, hard, seed), victim, test));
    }

    static double agreement(Mlp clone, Victim victim, List<float[]> test) {
        int agreed = 0;
        for (float[] row : test) {
            agreed += clone.label(row) == victim.answer(row).label() ? 1 : 0;
        }
        return (double) agreed / test.size();
    }

    private Mlp clone(Victim victim, int hidden, List<float[]> targets, long seed) {
        var random = new Random(seed);
        var clone = new Mlp(victim.inputs(), hidden, victim.classes(), random);
        int epochs = Math.clamp(TRAINING_ROWS / rows.size(), MIN_EPOCHS, MAX_EPOCHS);
        new Trainer(clone).train(rows, targets, epochs, random);
        return clone;
    }
}

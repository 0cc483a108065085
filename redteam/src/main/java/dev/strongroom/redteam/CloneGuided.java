package dev.strongroom.redteam;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/** Trains clones on all replies so far, then plans the next queries by what the clones say. */
abstract class CloneGuided implements Attack {
    final Random random;
    private final List<Mlp> clones;
    private final int epochs;
    private final Deque<float[]> queue = new ArrayDeque<>();
    private final List<float[]> rows = new ArrayList<>();
    private final List<float[]> replies = new ArrayList<>();
    private float[] asked = {};

    /**
     * @param epochs of training before each plan
     * @param first queries, before there is anything to learn from
     */
    CloneGuided(List<Mlp> clones, int epochs, Collection<float[]> first, Random random) {
        this.clones = List.copyOf(clones);
        this.epochs = epochs;
        this.random = random;
        this.queue.addAll(first);
    }

    /** The next queries, at least one. */
    abstract Collection<float[]> plan(List<float[]> rows, List<float[]> replies);

    @Override
    public final float[] next() {
        if (queue.isEmpty()) {
            clones.forEach(clone -> new Trainer(clone).train(rows, replies, epochs, random));
            queue.addAll(plan(rows, replies));
        }
        asked = queue.remove();
        return asked;
    }

    @Override
    public final void told(float[] reply) {
        rows.add(asked);
        replies.add(reply);
    }

    static List<float[]> drawn(Attack samples, int count) {
        var drawn = new ArrayList<float[]>();
        for (int row = 0; row < count; row++) {
            drawn.add(samples.next());
        }
        return drawn;
    }
}

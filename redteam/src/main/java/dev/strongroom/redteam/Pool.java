package dev.strongroom.redteam;

import java.util.List;
import java.util.Random;

/** Draws rows of a pool in random order; begins anew when all were drawn. */
final class Pool implements Attack {
    private final List<float[]> rows;
    private final Random random;
    private final int[] order;
    private int drawn;

    Pool(List<float[]> rows, Random random) {
        this.rows = rows;
        this.random = random;
        this.order = new int[rows.size()];
        for (int at = 0; at < order.length; at++) {
            order[at] = at;
        }
    }

    @Override
    public float[] next() {
        int at = drawn % order.length;
        int other = at + random.nextInt(order.length - at);
        int chosen = order[other];
        order[other] = order[at];
        order[at] = chosen;
        drawn++;
        return rows.get(chosen);
    }
}

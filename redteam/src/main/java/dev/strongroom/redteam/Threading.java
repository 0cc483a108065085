package dev.strongroom.redteam;

import dev.strongroom.redteam.Informed.Forged;
import dev.strongroom.redteam.Informed.Tactic;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * Mixes foreign rows into its own samples, as much of them as its copy of the detector lets pass:
 * of some candidates the most foreign one after which the evidence is still low. When none is, a
 * sample that it kept for that; when there is none left, the one that adds least.
 */
final class Threading implements Tactic {
    private static final double LOW = 10; // where answers get coarser
    private static final int ROWS = 8; // foreign rows that are tried for each query
    private static final float[] SHARES = {1, 0.7f, 0.5f, 0.3f, 0.2f, 0.1f, 0.05f};

    private final Rehearsal rehearsal;
    private final Attack own;
    private final Attack foreign;
    private final Deque<float[]> kept;

    /**
     * @param rehearsal that knows what was asked before
     * @param own samples to mix foreign ones into
     * @param kept samples that were not asked
     */
    Threading(
            Rehearsal rehearsal,
            List<float[]> own,
            List<float[]> foreign,
            List<float[]> kept,
            Random random) {
        this.rehearsal = rehearsal;
        this.own = new Pool(own, random);
        this.foreign = new Pool(foreign, random);
        this.kept = new ArrayDeque<>(kept);
    }

    @Override
    public Forged next() {
        List<float[]> rows = CloneGuided.drawn(foreign, ROWS);
        double limit = Math.max(LOW, rehearsal.evidence());
        double least = Double.POSITIVE_INFINITY;
        var best = new Forged(rows.getFirst(), 1, 0);
        int tried = 0;
        for (float share : SHARES) {
            for (float[] row : rows) {
                float[] mixed = share == 1 ? row : Vectors.mix(row, own.next(), share);
                double after = rehearsal.after(mixed);
                tried++;
                if (after < least) {
                    least = after;
                    best = new Forged(mixed, share, tried);
                }
                if (after <= limit) {
                    return ask(new Forged(mixed, share, tried));
                }
            }
        }
        return ask(
                kept.isEmpty()
                        ? new Forged(best.row(), best.foreign(), tried)
                        : new Forged(kept.remove(), 0, tried));
    }

    private Forged ask(Forged query) {
        rehearsal.ask(query.row());
        return query;
    }
}

package dev.strongroom.redteam;

/** Bisects between pairs of samples with different labels, to find points on the boundary. */
final class BoundarySearch implements Attack {
    private static final int STEPS = 12;

    private final Attack samples;
    private float[] from = {};
    private float[] to = {};
    private float[] asked = {};
    private int fromLabel;
    private int step = -2; // two queries for the ends, then the bisection

    BoundarySearch(Attack samples) {
        this.samples = samples;
    }

    @Override
    public float[] next() {
        asked = step < 0 ? samples.next() : Vectors.mix(from, to, 0.5f);
        return asked;
    }

    @Override
    public void told(float[] reply) {
        int label = Vectors.best(reply);
        if (step == -2) {
            from = asked;
            fromLabel = label;
            step++;
        } else if (step == -1) {
            to = asked;
            step += label == fromLabel ? 0 : 1; // another end when both have the same label
        } else {
            if (label == fromLabel) {
                from = asked;
            } else {
                to = asked;
            }
            step = step + 1 == STEPS ? -2 : step + 1;
        }
    }
}

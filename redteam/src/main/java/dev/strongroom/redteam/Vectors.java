package dev.strongroom.redteam;

/** Small operations on rows. */
final class Vectors {
    private Vectors() {}

    static int best(float[] values) {
        int best = 0;
        for (int at = 1; at < values.length; at++) {
            best = values[at] > values[best] ? at : best;
        }
        return best;
    }

    static float[] oneHot(int of, int classes) {
        var values = new float[classes];
        values[of] = 1;
        return values;
    }

    /** {@code share} of one row and the rest of another. */
    static float[] mix(float[] one, float[] other, float share) {
        var mixed = new float[one.length];
        for (int at = 0; at < mixed.length; at++) {
            mixed[at] = share * one[at] + (1 - share) * other[at];
        }
        return mixed;
    }

    static float clip(double value) {
        return (float) Math.clamp(value, 0.0, 1.0);
    }
}

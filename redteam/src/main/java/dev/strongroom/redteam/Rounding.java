package dev.strongroom.redteam;

/** Rounds probabilities so that the best class stays the best. */
final class Rounding {
    private Rounding() {}

    static float[] digits(float[] probabilities, int digits) {
        float scale = (float) Math.pow(10, digits);
        int best = Vectors.best(probabilities);
        var rounded = new float[probabilities.length];
        float most = 0;
        for (int at = 0; at < rounded.length; at++) {
            rounded[at] = Math.round(probabilities[at] * scale) / scale;
            most = at == best ? most : Math.max(most, rounded[at]);
        }
        if (rounded[best] <= most) {
            rounded[best] = most + 1 / scale; // a tie would hide which is best
        }
        return rounded;
    }
}

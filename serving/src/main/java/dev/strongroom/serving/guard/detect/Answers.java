package dev.strongroom.serving.guard.detect;

/** Reads a model's answer for one row: probabilities or logits, one for each class. */
final class Answers {
    private static final float LEAST = 1e-30f;

    private Answers() {}

    static int best(float[] outputs) {
        int best = 0;
        for (int at = 1; at < outputs.length; at++) {
            if (outputs[at] > outputs[best]) {
                best = at;
            }
        }
        return best;
    }

    /** Log-odds of the best class over the second. */
    static float lead(float[] outputs, int best) {
        float second = Float.NEGATIVE_INFINITY;
        boolean probabilities = true;
        double sum = 0;
        for (int at = 0; at < outputs.length; at++) {
            sum += outputs[at];
            probabilities &= outputs[at] >= 0;
            if (at != best) {
                second = Math.max(second, outputs[at]);
            }
        }
        if (probabilities && Math.abs(sum - 1) < 1e-3) {
            return (float)
                    (Math.log(Math.max(outputs[best], LEAST)) - Math.log(Math.max(second, LEAST)));
        }
        return outputs[best] - second;
    }
}

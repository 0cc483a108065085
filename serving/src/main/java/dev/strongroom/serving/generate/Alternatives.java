package dev.strongroom.serving.generate;

import java.util.List;

/**
 * The best tokens of a step with the logarithms of their probabilities, coarsened: never all of
 * them, and never what the model gave exactly.
 *
 * @param tokens best first
 * @param logprobs of each, as many
 */
public record Alternatives(List<Integer> tokens, List<Float> logprobs) {
    /** More would tell the last layer of a model in few answers. */
    public static final int MOST = 20;

    /** The output that the logarithms are shown as. */
    public static final String OUTPUT = "logprobs";

    /** After the point of a logarithm. */
    public static final int MOST_DIGITS = 2;

    public static final Alternatives NONE = new Alternatives(List.of(), List.of());

    public Alternatives {
        tokens = List.copyOf(tokens);
        logprobs = List.copyOf(logprobs);
    }

    /**
     * Of a step.
     *
     * @param count at most {@link #MOST}
     * @param digits at most {@link #MOST_DIGITS}
     */
    static Alternatives of(float[] logits, int count, int digits) {
        if (count == 0) {
            return NONE;
        }
        int[] best = Candidates.best(logits, Math.min(count, MOST));
        double unit = Math.pow(10, -Math.min(digits, MOST_DIGITS));
        double whole = logSum(logits, logits[best[0]]);
        return new Alternatives(
                java.util.Arrays.stream(best).boxed().toList(),
                java.util.Arrays.stream(best)
                        .mapToObj(
                                token -> (float) (Math.rint((logits[token] - whole) / unit) * unit))
                        .toList());
    }

    private static double logSum(float[] logits, double best) {
        double sum = 0;
        for (float logit : logits) {
            sum += Float.isNaN(logit) ? 0 : Math.exp(logit - best);
        }
        return best + Math.log(sum);
    }
}

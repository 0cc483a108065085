package dev.strongroom.serving.generate;

import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/** Picks tokens of one sequence. Not thread-safe. */
final class TokenChoice {
    private final Sampling sampling;
    private final RandomGenerator random;

    TokenChoice(Sampling sampling, RandomGenerator random) {
        this.sampling = sampling;
        this.random = random;
    }

    /**
     * Picks one.
     *
     * @return empty when no logit is a number
     */
    OptionalInt pick(float[] logits) {
        int best = Candidates.best(logits);
        if (best < 0) {
            return OptionalInt.empty();
        }
        if (sampling.isGreedy() || Float.isInfinite(logits[best])) {
            return OptionalInt.of(best);
        }
        float top = logits[best];
        return OptionalInt.of(
                sampling.topK() > 0
                        ? pick(logits, top, Candidates.best(logits, sampling.topK()))
                        : pickOfAll(logits, top));
    }

    private int pick(float[] logits, float top, int[] candidates) {
        double whole = 0;
        for (int token : candidates) {
            whole += odds(logits[token], top);
        }
        return pick(logits, top, candidates, whole);
    }

    private int pickOfAll(float[] logits, float top) {
        double whole = 0;
        for (float logit : logits) {
            whole += Float.isNaN(logit) ? 0 : odds(logit, top);
        }
        // Those whose odds are below this have less than the share outside the nucleus together.
        double least = (1 - sampling.topP()) * whole / logits.length;
        double leastLogit = top + sampling.temperature() * Math.log(least);
        return pick(logits, top, Candidates.from(logits, leastLogit), whole);
    }

    /**
     * @param whole what the odds sum to that the nucleus is a share of
     */
    private int pick(float[] logits, float top, int[] candidates, double whole) {
        var odds = new double[candidates.length];
        double sum = 0;
        for (int i = 0; i < odds.length && sum < sampling.topP() * whole; i++) {
            odds[i] = odds(logits[candidates[i]], top);
            sum += odds[i];
        }
        return candidates[drawn(odds, sum)];
    }

    private double odds(float logit, float best) {
        return Math.exp(((double) logit - best) / sampling.temperature());
    }

    private int drawn(double[] odds, double sum) {
        double left = random.nextDouble() * sum;
        int last = 0;
        for (int i = 0; i < odds.length; i++) {
            if (odds[i] > 0) {
                last = i;
                left -= odds[i];
                if (left < 0) {
                    break;
                }
            }
        }
        return last;
    }
}

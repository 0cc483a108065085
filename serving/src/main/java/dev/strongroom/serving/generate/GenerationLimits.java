package dev.strongroom.serving.generate;

import java.time.Duration;

/**
 * Bounds of generation on a node.
 *
 * @param cacheBytes of protected memory for the keys and values of all sequences together
 * @param sequences that are under way at a time; one more is refused
 * @param contextTokens of prompt and generated tokens of one sequence together
 * @param longest that one sequence may take
 */
public record GenerationLimits(
        long cacheBytes, int sequences, int contextTokens, Duration longest) {
    public static final GenerationLimits STANDARD =
            new GenerationLimits(1L << 30, 32, 4096, Duration.ofMinutes(10));

    public GenerationLimits {
        if (cacheBytes < 1 || sequences < 1 || contextTokens < 2 || !longest.isPositive()) {
            throw new IllegalArgumentException("generation: expected numbers above zero");
        }
    }
}

package dev.strongroom.client;

import java.util.List;
import java.util.OptionalLong;

/**
 * How a decoder is to go on with a sequence. Tokens are those of its own tokeniser, which stays
 * with the caller.
 *
 * <p>Immutable and thread-safe.
 *
 * @param prompt tokens, at least one
 * @param maxTokens that are generated at most
 * @param temperature 0 picks the best always; the node goes by hundredths
 * @param topK only so many of the best are picked from; 0 is all
 * @param topP only the fewest that have this share of the odds are picked from; 1 is all
 * @param seed draws the same tokens for the same prompt and parameters again, on the same node
 *     until it restarts; empty: the node's own randomness
 * @param stops tokens that end the sequence
 * @param logprobs alternatives to show with each token, as far as the output policy lets
 */
public record GenerationRequest(
        List<Integer> prompt,
        int maxTokens,
        double temperature,
        int topK,
        double topP,
        OptionalLong seed,
        List<Integer> stops,
        int logprobs) {
    public GenerationRequest {
        prompt = List.copyOf(prompt);
        stops = List.copyOf(stops);
    }

    /** The best tokens. */
    public static GenerationRequest greedy(List<Integer> prompt, int maxTokens) {
        return new GenerationRequest(
                prompt, maxTokens, 0, 0, 1, OptionalLong.empty(), List.of(), 0);
    }
}

package dev.strongroom.serving.generate;

import java.util.Optional;
import java.util.Set;

/**
 * When a sequence ends. The token that ends it is part of it.
 *
 * @param maxTokens that are generated at most
 * @param stops tokens that the caller named
 * @param ends tokens that end every sequence of the model
 * @param contextTokens of prompt and generated together, at most
 */
public record StopRule(int maxTokens, Set<Integer> stops, Set<Integer> ends, int contextTokens) {
    public StopRule {
        stops = Set.copyOf(stops);
        ends = Set.copyOf(ends);
    }

    /**
     * After a token.
     *
     * @param generated so far, this one among them
     * @param length of prompt and generated together
     * @return empty: it goes on
     */
    Optional<Finish> after(int token, int generated, int length) {
        if (ends.contains(token)) {
            return Optional.of(Finish.END);
        }
        if (stops.contains(token)) {
            return Optional.of(Finish.STOP);
        }
        if (generated >= maxTokens) {
            return Optional.of(Finish.LENGTH);
        }
        return length >= contextTokens ? Optional.of(Finish.CONTEXT) : Optional.empty();
    }

    /** Tokens that a sequence with such a prompt has at most. */
    int longest(int prompt) {
        return (int) Math.min((long) prompt + maxTokens, contextTokens);
    }
}

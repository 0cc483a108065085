package dev.strongroom.client;

import java.util.List;

/**
 * A token that a node generated.
 *
 * @param alternatives to it that the output policy shows, best first
 */
public record GeneratedToken(int id, List<Alternative> alternatives) {
    public GeneratedToken {
        alternatives = List.copyOf(alternatives);
    }

    /**
     * One of the best tokens.
     *
     * @param logprob natural logarithm of its probability, coarsened by the node
     */
    public record Alternative(int id, double logprob) {}
}

package dev.strongroom.client;

import java.util.List;

/**
 * A sequence that a node generated.
 *
 * @param finish why it ended: length, stop, end or context
 */
public record Generated(List<GeneratedToken> tokens, String finish) {
    public Generated {
        tokens = List.copyOf(tokens);
    }
}

package dev.strongroom.serving.infer;

import dev.strongroom.serving.engine.Decoder;
import java.util.Set;

/**
 * A model that goes on with sequences of tokens.
 *
 * @param ends tokens that end a sequence, as its owner sealed it with the version
 * @param contextTokens that a sequence can have, as its owner sealed it with the version
 */
record Generative(Decoder decoder, Set<Integer> ends, int contextTokens) {}

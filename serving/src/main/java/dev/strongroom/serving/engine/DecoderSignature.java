package dev.strongroom.serving.engine;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a decoder takes and gives that keeps the keys and values of earlier tokens outside, as
 * Hugging Face's optimum exports them: {@code input_ids}, {@code attention_mask} and perhaps {@code
 * position_ids}, with {@code past_key_values.N.key} and {@code .value} in and {@code logits},
 * {@code present.N.key} and {@code .value} out. One that was merged of two graphs, without and with
 * a past, is told by {@code use_cache_branch} which of them to run.
 *
 * @param masked whether it takes an attention mask
 * @param positioned whether it takes positions
 * @param merged whether it is to be told that there is a past
 * @param caches one per key and value of each layer
 * @param logits type of the logits' numbers
 * @param vocabulary tokens that it knows
 */
public record DecoderSignature(
        boolean masked,
        boolean positioned,
        boolean merged,
        List<Cache> caches,
        ElementType logits,
        int vocabulary) {
    static final String IDS = "input_ids";
    static final String MASK = "attention_mask";
    static final String POSITIONS = "position_ids";
    static final String BRANCH = "use_cache_branch";
    static final String LOGITS = "logits";
    private static final String PAST = "past_key_values.";
    private static final String PRESENT = "present.";
    private static final int CACHE_RANK = 4; // sequence, head, token, number

    public DecoderSignature {
        caches = List.copyOf(caches);
    }

    /**
     * Keys or values of one layer, a row of numbers for each head and token.
     *
     * @param past name of the input
     * @param present name of the output
     */
    public record Cache(String past, String present, ElementType type, long heads, long width) {
        /** Size of so many tokens' rows. */
        long bytes(long tokens) {
            return Math.multiplyExact(
                    tokens, Math.multiplyExact(heads * width, (long) type.bytes()));
        }

        List<Long> shape(long tokens) {
            return List.of(1L, heads, tokens, width);
        }
    }

    /** What one token takes in all caches together. */
    public long tokenBytes() {
        return caches.stream().mapToLong(cache -> cache.bytes(1)).sum();
    }

    /**
     * Looks whether a model is such a decoder.
     *
     * @return empty when it takes no past keys and values
     * @throws UnservableModelException if it does and the rest does not fit: its logits would be
     *     answers otherwise
     */
    static Optional<DecoderSignature> of(
            List<TensorSignature> inputs, List<TensorSignature> outputs)
            throws UnservableModelException {
        if (inputs.stream().noneMatch(input -> input.name().startsWith(PAST))) {
            return Optional.empty();
        }
        Set<String> others = new HashSet<>();
        List<Cache> caches = new ArrayList<>();
        for (TensorSignature input : inputs) {
            if (input.name().startsWith(PAST)) {
                caches.add(cache(input, outputs));
            } else {
                requireFits(input);
                others.add(input.name());
            }
        }
        if (!others.remove(IDS)) {
            throw unfit("an input " + IDS);
        }
        boolean masked = others.remove(MASK);
        boolean positioned = others.remove(POSITIONS);
        boolean merged = others.remove(BRANCH);
        if (!others.isEmpty()) {
            throw unfit("no inputs but ids, mask, positions, branch and past, got " + others);
        }
        TensorSignature logits = named(outputs, LOGITS);
        return Optional.of(
                new DecoderSignature(
                        masked, positioned, merged, caches, logits.type(), vocabulary(logits)));
    }

    private static Cache cache(TensorSignature past, List<TensorSignature> outputs)
            throws UnservableModelException {
        String present = PRESENT + past.name().substring(PAST.length());
        List<Long> shape = past.shape();
        boolean fits =
                shape.size() == CACHE_RANK
                        && shape.get(0) <= 1
                        && shape.get(1) > 0
                        && shape.get(2) < 0
                        && shape.get(3) > 0
                        && isFloat(past.type())
                        && named(outputs, present).type() == past.type();
        if (!fits) {
            throw unfit(
                    "'%s' of floats, shape [any, heads, any, width], and '%s' like it"
                            .formatted(past.name(), present));
        }
        return new Cache(past.name(), present, past.type(), shape.get(1), shape.get(3));
    }

    private static int vocabulary(TensorSignature logits) throws UnservableModelException {
        List<Long> shape = logits.shape();
        long vocabulary = shape.isEmpty() ? -1 : shape.getLast();
        if (shape.size() != 3 || vocabulary < 1 || !isFloat(logits.type())) {
            throw unfit("logits of floats, shape [any, any, fixed number of tokens]");
        }
        if (vocabulary > Integer.MAX_VALUE / Double.BYTES) {
            throw unfit("fewer tokens in the vocabulary");
        }
        return (int) vocabulary;
    }

    private static void requireFits(TensorSignature input) throws UnservableModelException {
        if (input.name().equals(BRANCH)) {
            if (input.type() != ElementType.BOOL || input.shape().size() > 1) {
                throw unfit("'%s' of BOOL, shape [1]".formatted(BRANCH));
            }
        } else if (input.type() != ElementType.INT64 || input.shape().size() != 2) {
            throw unfit("'%s' of INT64, shape [any, any]".formatted(input.name()));
        }
    }

    private static boolean isFloat(ElementType type) {
        return switch (type) {
            case FP16, BF16, FP32 -> true;
            default -> false;
        };
    }

    private static TensorSignature named(List<TensorSignature> outputs, String name)
            throws UnservableModelException {
        for (TensorSignature output : outputs) {
            if (output.name().equals(name)) {
                return output;
            }
        }
        throw unfit("an output '" + name + "'");
    }

    private static UnservableModelException unfit(String expected) {
        return new UnservableModelException(
                "decoder with past_key_values: expected "
                        + expected
                        + "; export it anew with optimum's text-generation-with-past");
    }
}

package dev.strongroom.serving.generate;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.serving.engine.Decoder;
import dev.strongroom.serving.engine.InferenceException;
import dev.strongroom.serving.engine.KeyValueCache;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * A prompt and what is generated after it. Each step reads a part of the prompt or generates one
 * token, so that nobody's long prompt keeps others waiting.
 *
 * <p>Not thread-safe. The caller closes it, which overwrites what the model keeps of it.
 */
public final class Sequence implements AutoCloseable {
    static final int PROMPT_STEP = 128; // tokens; a matrix product of this height is efficient

    private final Decoder decoder;
    private final KeyValueCache cache;
    private final int[] prompt;
    private final TokenChoice choice;
    private final StopRule stop;
    private int generated;
    private int last;

    private Sequence(
            Decoder decoder, KeyValueCache cache, int[] prompt, TokenChoice choice, StopRule stop) {
        this.decoder = decoder;
        this.cache = cache;
        this.prompt = prompt.clone();
        this.choice = choice;
        this.stop = stop;
        this.last = prompt[prompt.length - 1];
    }

    /**
     * Takes the memory for the longest that it can become.
     *
     * @param prompt not empty, and shorter than the context
     * @return empty when the heap has not as much left
     */
    public static Optional<Sequence> begin(
            Decoder decoder,
            LockedHeap heap,
            int[] prompt,
            Sampling sampling,
            RandomGenerator random,
            StopRule stop) {
        var choice = new TokenChoice(sampling, random);
        return decoder.cache(heap, stop.longest(prompt.length))
                .map(cache -> new Sequence(decoder, cache, prompt, choice, stop));
    }

    /** What {@link #begin} takes of a heap. */
    public static long bytes(Decoder decoder, int prompt, StopRule stop) {
        return decoder.cacheBytes(stop.longest(prompt));
    }

    /**
     * Goes on for a step.
     *
     * @param alternatives to show with a token, at most
     * @param digits of their logarithms
     * @param over true once nobody wants it any more
     * @return empty: it has read a part of the prompt
     */
    public Optional<Token> step(int alternatives, int digits, BooleanSupplier over)
            throws InferenceException {
        int read = cache.length();
        int left = prompt.length - 1 - read;
        if (left > 0) {
            int to = read + Math.min(left, PROMPT_STEP);
            decoder.read(cache, Arrays.copyOfRange(prompt, read, to), over);
            return Optional.empty();
        }
        float[] logits = decoder.next(cache, last, over);
        OptionalInt picked = choice.pick(logits);
        if (picked.isEmpty()) {
            throw new InferenceException(
                    InferenceException.Fault.ENGINE, "the model gave no numbers for any token");
        }
        last = picked.getAsInt();
        generated++;
        return Optional.of(
                new Token(
                        last,
                        Alternatives.of(logits, alternatives, digits),
                        stop.after(last, generated, prompt.length + generated)));
    }

    @Override
    public void close() {
        cache.close();
    }
}

package dev.strongroom.serving.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.LoadedModels;
import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.memory.SecretSegment;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.serving.engine.Decoder;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.engine.EngineOptions;
import dev.strongroom.serving.engine.InferenceException;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.engine.SessionHeap;
import dev.strongroom.serving.engine.TinyDecoder;
import dev.strongroom.serving.engine.UnservableModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences of a small decoder, and what is kept of them. */
class SequenceTest {
    private static final int[] PROMPT = {3, 1, 4, 1, 5};

    @TempDir private static Path scratch;
    private static LoadedModel loaded;
    private static Engine engine;
    private final LockedHeap heap = new LockedHeap(64L << 20, Protection.LOCKED, Fits.forTests());

    @BeforeAll
    static void load() throws Exception {
        loaded = LoadedModels.of(Map.of("model.onnx", TinyDecoder.bytes()));
        engine = open(loaded, new Profile.SingleCopy());
    }

    @AfterAll
    static void unload() {
        engine.close();
        loaded.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 128, 129, 130, 200})
    void theBestTokensAreThoseOfAPlainSessionThatKeepsNothing(int length) throws Exception {
        int[] prompt = prompt(length);
        assertThat(tokens(decoder(), prompt, Sampling.GREEDY, 1, 20))
                .isEqualTo(TinyDecoder.plainly(prompt, 20));
        assertThat(heap.usedBytes()).isZero();
    }

    @Test
    void theyAreTheSameWhereTheSessionArrangesWeightsAnew() throws Exception {
        try (var model = LoadedModels.of(Map.of("model.onnx", TinyDecoder.bytes()));
                var fast = open(model, new Profile.Fast(SessionHeap.shared()))) {
            assertThat(tokens(fast.decoder().orElseThrow(), PROMPT, Sampling.GREEDY, 1, 20))
                    .isEqualTo(TinyDecoder.plainly(PROMPT, 20));
        }
    }

    @Test
    void theyAreTheSameOfADecoderThatWasMergedOfTwo() throws Exception {
        try (var model = LoadedModels.of(Map.of("model.onnx", TinyDecoder.merged()));
                var merged = open(model, new Profile.SingleCopy())) {
            assertThat(tokens(merged.decoder().orElseThrow(), PROMPT, Sampling.GREEDY, 1, 20))
                    .isEqualTo(TinyDecoder.plainly(PROMPT, 20));
        }
    }

    @Test
    void theSameSeedDrawsTheSameTokensAndAnotherOneOthers() throws Exception {
        var sampling = new Sampling(1.5, 40, 0.95);
        List<Integer> once = tokens(decoder(), PROMPT, sampling, 7, 30);
        assertThat(tokens(decoder(), PROMPT, sampling, 7, 30)).isEqualTo(once);
        assertThat(tokens(decoder(), PROMPT, sampling, 8, 30)).isNotEqualTo(once);
    }

    @ParameterizedTest
    @CsvSource({
        "4, , , 256, LENGTH, 4",
        "1, , , 256, LENGTH, 1",
        "50, 2, , 256, STOP, 3",
        "50, , 2, 256, END, 3",
        "50, 2, 2, 256, END, 3",
        "3, 2, , 256, STOP, 3",
        "50, , , 12, CONTEXT, 7",
        "7, , , 12, LENGTH, 7",
        "50, , , 6, CONTEXT, 1",
    })
    void aSequenceEndsWhereItIsToEnd(
            int maxTokens, Integer stopAt, Integer endAt, int context, Finish finish, int generated)
            throws Exception {
        List<Integer> known = TinyDecoder.plainly(PROMPT, 8);
        assertThat(known.subList(0, 2)).doesNotContain(known.get(2));
        var rule =
                new StopRule(
                        maxTokens,
                        stopAt == null ? Set.of() : Set.of(known.get(stopAt)),
                        endAt == null ? Set.of() : Set.of(known.get(endAt)),
                        context);

        List<Token> tokens = run(decoder(), PROMPT, Sampling.GREEDY, 1, rule);

        assertThat(tokens).hasSize(generated);
        assertThat(tokens.getLast().finish()).contains(finish);
        assertThat(tokens.subList(0, generated - 1)).allMatch(token -> token.finish().isEmpty());
    }

    @Test
    void memoryIsTakenBeforeTheFirstTokenAndZeroWhenItIsGivenBack() throws Exception {
        var rule = new StopRule(100, Set.of(), Set.of(), TinyDecoder.CONTEXT);
        long bytes = Sequence.bytes(decoder(), PROMPT.length, rule);
        assertThat(bytes).isGreaterThanOrEqualTo(2 * 105 * TinyDecoder.tokenBytes());
        try (var sequence = begin(heap, rule).orElseThrow()) {
            assertThat(heap.usedBytes()).isEqualTo(bytes);
            for (int i = 0; i < 10; i++) {
                sequence.step(0, 0, () -> false);
            }
            assertThat(heap.usedBytes()).as("no more, however long it gets").isEqualTo(bytes);
        }
        assertThat(heap.usedBytes()).isZero();
    }

    @Test
    void aSequenceThatThereIsNoMemoryForDoesNotBegin() {
        var rule = new StopRule(100, Set.of(), Set.of(), TinyDecoder.CONTEXT);
        long bytes = Sequence.bytes(decoder(), PROMPT.length, rule);
        long two = 2 * SecretSegment.pageAligned(bytes);
        try (var small = new LockedHeap(two, Protection.LOCKED, Fits.forTests());
                var first = begin(small, rule).orElseThrow();
                var second = begin(small, rule).orElseThrow()) {
            assertThat(begin(small, rule)).isEmpty();
            assertThat(first).isNotSameAs(second);
            assertThat(small.usedBytes()).isEqualTo(2 * bytes);
        }
    }

    @Test
    void whatIsKeptOfASequenceEndsWithTheModel() throws Exception {
        var rule = new StopRule(100, Set.of(), Set.of(), TinyDecoder.CONTEXT);
        try (var model = LoadedModels.of(Map.of("model.onnx", TinyDecoder.bytes()))) {
            var other = open(model, new Profile.SingleCopy());
            try (var sequence =
                    Sequence.begin(
                                    other.decoder().orElseThrow(),
                                    heap,
                                    PROMPT,
                                    Sampling.GREEDY,
                                    new SplittableRandom(1),
                                    rule)
                            .orElseThrow()) {
                sequence.step(0, 0, () -> false);
                other.close();
                assertThat(heap.usedBytes()).isZero();
                assertThatThrownBy(() -> sequence.step(0, 0, () -> false))
                        .isInstanceOf(InferenceException.class);
            }
        }
    }

    @Test
    void alternativesAreFewAndCoarse() throws Exception {
        var rule = new StopRule(5, Set.of(), Set.of(), TinyDecoder.CONTEXT);
        try (var sequence = begin(heap, rule).orElseThrow()) {
            sequence.step(0, 0, () -> false);
            Token token = sequence.step(1000, 9, () -> false).orElseThrow();
            Alternatives shown = token.alternatives();
            assertThat(shown.tokens()).hasSize(Alternatives.MOST).startsWith(token.id());
            assertThat(shown.logprobs())
                    .isSortedAccordingTo((a, b) -> Float.compare(b, a))
                    .allMatch(logprob -> logprob <= 0)
                    .allMatch(logprob -> Math.abs(logprob * 100 - Math.rint(logprob * 100)) < 1e-2);
        }
    }

    @Test
    void aModelThatTakesAPastAndIsNoDecoderWeKnowIsNotServed() {
        byte[] graph =
                new OnnxModel()
                        .input("input_ids", OnnxModel.INT64, -1, -1)
                        .input("past_key_values.0.key", OnnxModel.FLOAT, -1, 2, -1, 8)
                        .output("logits", OnnxModel.FLOAT, -1, 2, -1, 8)
                        .node("Identity", List.of("past_key_values.0.key"), List.of("logits"))
                        .bytes();
        try (var model = LoadedModels.of(Map.of("model.onnx", graph))) {
            assertThatThrownBy(() -> open(model, new Profile.SingleCopy()))
                    .isInstanceOf(UnservableModelException.class)
                    .hasMessageContaining("past_key_values");
        }
    }

    private Optional<Sequence> begin(LockedHeap in, StopRule rule) {
        return Sequence.begin(
                decoder(), in, PROMPT, Sampling.GREEDY, new SplittableRandom(1), rule);
    }

    private List<Integer> tokens(
            Decoder decoder, int[] prompt, Sampling sampling, long seed, int count)
            throws InferenceException {
        var rule = new StopRule(count, Set.of(), Set.of(), TinyDecoder.CONTEXT);
        return run(decoder, prompt, sampling, seed, rule).stream().map(Token::id).toList();
    }

    private List<Token> run(
            Decoder decoder, int[] prompt, Sampling sampling, long seed, StopRule rule)
            throws InferenceException {
        List<Token> tokens = new ArrayList<>();
        try (var sequence =
                Sequence.begin(decoder, heap, prompt, sampling, new SplittableRandom(seed), rule)
                        .orElseThrow()) {
            while (tokens.isEmpty() || tokens.getLast().finish().isEmpty()) {
                sequence.step(0, 0, () -> false).ifPresent(tokens::add);
            }
        }
        return tokens;
    }

    private static int[] prompt(int length) {
        var random = new SplittableRandom(length);
        return random.ints(length, 0, TinyDecoder.VOCABULARY).toArray();
    }

    private static Decoder decoder() {
        return engine.decoder().orElseThrow();
    }

    private static Engine open(LoadedModel model, Profile profile) throws Exception {
        return Engine.open(model, new EngineOptions(1, profile, scratch));
    }
}

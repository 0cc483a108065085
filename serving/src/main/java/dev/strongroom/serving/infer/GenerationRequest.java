package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.generate.Alternatives;
import dev.strongroom.serving.generate.Sampling;
import dev.strongroom.serving.generate.StopRule;
import dev.strongroom.serving.generate.Token;
import io.grpc.Status;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.List;
import java.util.OptionalLong;

/**
 * A request to go on with a sequence of tokens. Text is the client's matter: tokenisers stay with
 * it.
 *
 * @param decoded as the protocol has it
 * @param prompt tokens, at least one
 * @param sampling with temperature and share in hundredths
 * @param seed empty: the node's own randomness
 * @param alternatives to each token that are asked for
 * @param emptyLast whether an answer without a token is to say that there are no more
 */
record GenerationRequest(
        InferenceRequest decoded,
        int[] prompt,
        Sampling sampling,
        OptionalLong seed,
        StopRule stop,
        int alternatives,
        boolean emptyLast) {
    static final String LOGPROB_IDS = "logprob_ids";
    private static final String INPUT_IDS = "input_ids";

    /** What callers see of a model that generates: never what it gives itself. */
    static final List<TensorSignature> INPUTS =
            List.of(new TensorSignature(INPUT_IDS, ElementType.INT64, List.of(1L, -1L)));

    static final List<TensorSignature> OUTPUTS =
            List.of(
                    new TensorSignature(Token.OUTPUT, ElementType.INT64, List.of(1L, -1L)),
                    new TensorSignature(
                            Alternatives.OUTPUT, ElementType.FP32, List.of(1L, -1L, -1L)),
                    new TensorSignature(LOGPROB_IDS, ElementType.INT64, List.of(1L, -1L, -1L)));

    private static final int USUAL_TOKENS = 16;
    private static final String EMPTY_LAST = "triton_enable_empty_final_response";

    /** Ignoring one of these would give another text than was asked for. */
    private static final List<String> UNSUPPORTED =
            List.of(
                    "logit_bias",
                    "presence_penalty",
                    "frequency_penalty",
                    "repetition_penalty",
                    "min_p",
                    "stop",
                    "n",
                    "best_of",
                    "beam_width");

    /**
     * @param contextTokens that the node lets a sequence have
     */
    static GenerationRequest decode(ModelInferRequest request, Generative model, int contextTokens)
            throws RefusedException {
        var parameters = new Parameters(request.getParametersMap());
        requireSupported(parameters);
        InferenceRequest decoded = // the context bounds its length
                InferenceRequest.decode(request, INPUTS, OUTPUTS, Long.MAX_VALUE);
        int vocabulary = model.decoder().signature().vocabulary();
        int context = Math.min(contextTokens, model.contextTokens());
        return new GenerationRequest(
                decoded,
                prompt(decoded, vocabulary, context),
                sampling(parameters),
                parameters.integer("seed"),
                new StopRule(
                        parameters.integer("max_tokens", USUAL_TOKENS, 1),
                        parameters.list("stop_token_ids", vocabulary),
                        model.ends(),
                        context),
                parameters.integer("logprobs", 0, 0),
                parameters.truth(EMPTY_LAST));
    }

    private static void requireSupported(Parameters parameters) throws RefusedException {
        for (String name : UNSUPPORTED) {
            if (parameters.has(name)) {
                throw new RefusedException(
                        Status.Code.UNIMPLEMENTED,
                        "PARAMETER_UNSUPPORTED",
                        "parameter " + name + " is not supported by this node; leave it out");
            }
        }
    }

    private static Sampling sampling(Parameters parameters) throws RefusedException {
        try {
            return new Sampling(
                            parameters.number("temperature", 0),
                            parameters.integer("top_k", 0, 0),
                            parameters.number("top_p", 1))
                    .inHundredths();
        } catch (IllegalArgumentException e) {
            throw RefusedException.invalid("PARAMETER", "parameter " + e.getMessage());
        }
    }

    private static int[] prompt(InferenceRequest decoded, int vocabulary, int context)
            throws RefusedException {
        if (!(decoded.inputs().getFirst().content() instanceof Numbers(var bytes))) {
            throw new IllegalStateException("tokens are numbers");
        }
        LongBuffer ids = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
        if (!ids.hasRemaining() || ids.remaining() >= context) {
            throw RefusedException.invalid(
                    "PROMPT_LENGTH",
                    "input '%s': expected 1 to %d tokens, got %d"
                            .formatted(INPUT_IDS, context - 1, ids.remaining()));
        }
        var prompt = new int[ids.remaining()];
        for (int i = 0; i < prompt.length; i++) {
            long id = ids.get();
            if (id < 0 || id >= vocabulary) {
                throw RefusedException.invalid(
                        "INPUT_RANGE",
                        "input '%s': a token is outside the vocabulary (expected: 0 to %d)"
                                .formatted(INPUT_IDS, vocabulary - 1));
            }
            prompt[i] = (int) id;
        }
        return prompt;
    }
}

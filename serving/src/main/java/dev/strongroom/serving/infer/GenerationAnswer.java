package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import dev.strongroom.serving.generate.Alternatives;
import dev.strongroom.serving.generate.Finish;
import dev.strongroom.serving.generate.Token;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Puts generated tokens into the protocol's answers. */
final class GenerationAnswer {
    /** Triton's name for it. */
    static final String LAST = "triton_final_response";

    private static final String FINISH = "finish_reason";

    private GenerationAnswer() {}

    /** The tokens as tensors, with as many alternatives as each of them has. */
    static List<Tensor> tensors(List<Token> tokens) {
        List<Tensor> tensors = new ArrayList<>();
        List<Long> ids = tokens.stream().map(token -> (long) token.id()).toList();
        tensors.add(longs(Token.OUTPUT, ids, List.of(1L, (long) ids.size())));
        int most = tokens.stream().mapToInt(GenerationAnswer::alternatives).max().orElse(0);
        int least = tokens.stream().mapToInt(GenerationAnswer::alternatives).min().orElse(0);
        int shown = Math.min(most, least); // a caller who sees fewer by now sees as few of before
        if (shown > 0) {
            var shape = List.of(1L, (long) tokens.size(), (long) shown);
            tensors.add(logprobs(tokens, shown, shape));
            tensors.add(
                    longs(
                            GenerationRequest.LOGPROB_IDS,
                            tokens.stream()
                                    .flatMap(token ->
                                            token.alternatives().tokens().stream().limit(shown))
                                    .map(Integer::longValue)
                                    .toList(),
                            shape));
        }
        return tensors;
    }

    private static int alternatives(Token token) {
        return token.alternatives().tokens().size();
    }

    private static Tensor longs(String name, List<Long> values, List<Long> shape) {
        var bytes = ByteBuffer.allocate(values.size() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        values.forEach(bytes::putLong);
        return new Tensor(name, ElementType.INT64, shape, new Numbers(bytes.flip()));
    }

    private static Tensor logprobs(List<Token> tokens, int shown, List<Long> shape) {
        var bytes =
                ByteBuffer.allocate(tokens.size() * shown * Float.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        tokens.forEach(token ->
                token.alternatives().logprobs().stream().limit(shown).forEach(bytes::putFloat));
        return new Tensor(Alternatives.OUTPUT, ElementType.FP32, shape, new Numbers(bytes.flip()));
    }

    /** One of several. */
    static ModelInferResponse part(ModelInferResponse answer) {
        return answer.toBuilder().putParameters(LAST, truth(false)).build();
    }

    /** The last one, or the only one. */
    static ModelInferResponse last(ModelInferResponse answer, Finish finish) {
        return answer.toBuilder()
                .putParameters(LAST, truth(true))
                .putParameters(
                        FINISH, InferParameter.newBuilder().setStringParam(finish.label()).build())
                .build();
    }

    private static InferParameter truth(boolean value) {
        return InferParameter.newBuilder().setBoolParam(value).build();
    }
}

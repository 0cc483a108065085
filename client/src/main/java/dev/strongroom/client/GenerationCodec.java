package dev.strongroom.client;

import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Between generation and the messages of the Open Inference Protocol. */
final class GenerationCodec {
    private static final String NEXT = "ask the node's operator: its answer does not fit itself";
    private static final String LAST = "triton_final_response";
    private static final long[] NONE = {};
    private static final String FINISH = "finish_reason";

    private GenerationCodec() {}

    static ModelInferRequest request(String model, GenerationRequest wanted) {
        ModelInferRequest.Builder request =
                TensorCodec.request(model, List.of(prompt(wanted)))
                        .putParameters("max_tokens", number(wanted.maxTokens()))
                        .putParameters("temperature", real(wanted.temperature()))
                        .putParameters("top_k", number(wanted.topK()))
                        .putParameters("top_p", real(wanted.topP()))
                        .putParameters("logprobs", number(wanted.logprobs()));
        wanted.seed().ifPresent(seed -> request.putParameters("seed", number(seed)));
        if (!wanted.stops().isEmpty()) {
            String stops =
                    wanted.stops().stream().map(String::valueOf).collect(Collectors.joining(","));
            request.putParameters(
                    "stop_token_ids", InferParameter.newBuilder().setStringParam(stops).build());
        }
        return request.build();
    }

    /** The one tensor of such a request. */
    static Tensor prompt(GenerationRequest wanted) {
        long[] prompt = wanted.prompt().stream().mapToLong(Integer::longValue).toArray();
        return Tensor.ofLongs("input_ids", List.of(1L, (long) prompt.length), prompt);
    }

    private static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }

    private static InferParameter real(double value) {
        return InferParameter.newBuilder().setDoubleParam(value).build();
    }

    /** True when no answer of the sequence follows. */
    static boolean isLast(ModelInferResponse answer) {
        return answer.getParametersOrDefault(LAST, InferParameter.getDefaultInstance())
                .getBoolParam();
    }

    static String finish(ModelInferResponse answer) {
        return answer.getParametersOrDefault(FINISH, InferParameter.getDefaultInstance())
                .getStringParam();
    }

    /** The tokens of an answer. */
    static List<GeneratedToken> tokens(ModelInferResponse answer) throws ClientException {
        List<Tensor> outputs = TensorCodec.outputs(answer);
        long[] ids = named(outputs, "output_ids", DataType.INT64).map(Tensor::longs).orElse(NONE);
        float[] logprobs =
                named(outputs, "logprobs", DataType.FP32).map(Tensor::floats).orElse(new float[0]);
        long[] others =
                named(outputs, "logprob_ids", DataType.INT64).map(Tensor::longs).orElse(NONE);
        if (logprobs.length != others.length
                || (ids.length > 0 && others.length % ids.length > 0)) {
            throw ClientException.local("the node's tokens and log-probabilities differ", NEXT);
        }
        var tokens = new ArrayList<GeneratedToken>();
        int each = ids.length == 0 ? 0 : others.length / ids.length;
        for (int i = 0; i < ids.length; i++) {
            var alternatives = new ArrayList<GeneratedToken.Alternative>();
            for (int at = i * each; at < (i + 1) * each; at++) {
                alternatives.add(new GeneratedToken.Alternative((int) others[at], logprobs[at]));
            }
            tokens.add(new GeneratedToken((int) ids[i], alternatives));
        }
        return tokens;
    }

    private static Optional<Tensor> named(List<Tensor> outputs, String name, DataType type)
            throws ClientException {
        for (Tensor output : outputs) {
            if (output.name().equals(name)) {
                if (output.type() != type) {
                    throw ClientException.local("the node's " + name + " are of no " + type, NEXT);
                }
                return Optional.of(output);
            }
        }
        return Optional.empty();
    }
}

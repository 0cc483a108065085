package dev.strongroom.serving.rpc;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.serving.engine.TinyDecoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Requests for {@link TinyDecoder}, and what its answers say. */
final class GenerationRequests {
    static final int[] PROMPT = {3, 1, 4, 1, 5};

    private GenerationRequests() {}

    static ModelInferRequest request(int tokens) {
        return request(PROMPT, tokens);
    }

    static ModelInferRequest request(int[] prompt, int tokens) {
        var bytes = ByteBuffer.allocate(prompt.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int token : prompt) {
            bytes.putLong(token);
        }
        var request = ModelInferRequest.newBuilder().setModelName("acme/net").setId("a");
        request.addInputsBuilder()
                .setName("input_ids")
                .setDatatype("INT64")
                .addShape(1)
                .addShape(prompt.length);
        request.addRawInputContents(ByteString.copyFrom(bytes.flip()));
        return with(request.build(), "max_tokens", number(tokens));
    }

    static ModelInferRequest with(ModelInferRequest request, String name, InferParameter value) {
        return request.toBuilder().putParameters(name, value).build();
    }

    static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }

    static InferParameter text(String value) {
        return InferParameter.newBuilder().setStringParam(value).build();
    }

    static InferParameter bool(boolean value) {
        return InferParameter.newBuilder().setBoolParam(value).build();
    }

    static boolean isLast(ModelStreamInferResponse answer) {
        return Objects.requireNonNull(
                        answer.getInferResponse().getParametersMap().get("triton_final_response"))
                .getBoolParam();
    }

    static String finish(ModelInferResponse answer) {
        return Objects.requireNonNull(answer.getParametersMap().get("finish_reason"))
                .getStringParam();
    }

    static List<Integer> ids(List<ModelStreamInferResponse> answers) {
        return answers.stream().flatMap(answer -> ids(answer.getInferResponse()).stream()).toList();
    }

    static List<Integer> ids(ModelInferResponse answer) {
        var bytes =
                answer.getRawOutputContents(0)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> ids = new ArrayList<>();
        while (bytes.hasRemaining()) {
            ids.add((int) bytes.getLong());
        }
        return ids;
    }
}

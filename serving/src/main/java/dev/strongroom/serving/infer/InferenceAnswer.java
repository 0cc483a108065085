package dev.strongroom.serving.infer;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelInferResponse.InferOutputTensor;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content;
import io.grpc.Status;
import java.util.List;

/** Puts what the model gave into the protocol's answer. */
final class InferenceAnswer {
    private InferenceAnswer() {}

    static ModelInferResponse encode(
            ServedModel model,
            String id,
            InferenceRequest request,
            List<Tensor> outputs,
            int maxBytes)
            throws RefusedException {
        requireWithin(maxBytes, outputs);
        var answer =
                ModelInferResponse.newBuilder()
                        .setModelName(model.name())
                        .setModelVersion(model.version())
                        .setId(id);
        for (Tensor output : outputs) {
            add(answer, request.form(), output);
        }
        return answer.build();
    }

    private static void add(
            ModelInferResponse.Builder answer, InferenceRequest.Form form, Tensor tensor) {
        var output =
                InferOutputTensor.newBuilder()
                        .setName(tensor.name())
                        .setDatatype(tensor.type().name())
                        .addAllShape(tensor.shape());
        switch (form) {
            case RAW -> answer.addRawOutputContents(RawContents.encode(tensor.content()));
            case TYPED -> output.setContents(TypedContents.encode(tensor.type(), tensor.content()));
        }
        answer.addOutputs(output);
    }

    private static void requireWithin(int maxBytes, List<Tensor> outputs) throws RefusedException {
        long bytes = 0;
        for (Tensor output : outputs) {
            bytes +=
                    switch (output.content()) {
                        case Content.Numbers(var numbers) -> numbers.remaining();
                        case Content.Strings(var values) ->
                                values.stream()
                                        .mapToLong(value -> ByteString.copyFromUtf8(value).size())
                                        .sum();
                    };
        }
        if (bytes > maxBytes) {
            throw new RefusedException(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "RESPONSE_TOO_LARGE",
                    "the answer has %d bytes and this node sends at most %d; ask for fewer rows"
                                    .formatted(bytes, maxBytes)
                            + " or outputs");
        }
    }
}

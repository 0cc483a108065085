package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.engine.Tensor;
import java.util.List;

/** A request as a caller would write it, of tensors that this node made itself. */
public final class RawRequest {
    private RawRequest() {}

    /** With raw contents, for the version in force. */
    public static ModelInferRequest of(String model, List<Tensor> inputs) {
        var request = ModelInferRequest.newBuilder().setModelName(model);
        for (Tensor input : inputs) {
            request.addInputsBuilder()
                    .setName(input.name())
                    .setDatatype(input.type().name())
                    .addAllShape(input.shape());
            request.addRawInputContents(RawContents.encode(input.content()));
        }
        return request.build();
    }
}

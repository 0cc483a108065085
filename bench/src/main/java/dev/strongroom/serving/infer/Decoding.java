package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.engine.TensorSignature;
import java.util.List;

/** A request's tensors as the path of an inference reads them. */
public final class Decoding {
    private Decoding() {}

    /** Of a model with these ports. */
    public static InferenceRequest of(
            ModelInferRequest request, List<TensorSignature> inputs, List<TensorSignature> outputs)
            throws RefusedException {
        return InferenceRequest.decode(request, inputs, outputs, Long.MAX_VALUE);
    }
}

package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;

/**
 * A call that some transport received. Exactly one of {@link #answer} and {@link #refuse} ends it.
 */
public interface InferenceCall {
    Caller caller();

    ModelInferRequest request();

    /** True once nobody waits for the answer: cancelled, or its deadline has passed. Cheap. */
    boolean abandoned();

    void answer(ModelInferResponse answer);

    void refuse(RefusedException refusal);
}

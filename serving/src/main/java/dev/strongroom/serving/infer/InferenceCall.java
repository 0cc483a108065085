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

    /**
     * Has the current thread do something once it has read what came together with this call; now,
     * if it does not know when that is.
     */
    default void soon(Runnable step) {
        step.run();
    }

    /** True when it takes parts of an answer, before the last one. */
    default boolean streams() {
        return false;
    }

    /** False while enough parts wait to be read; no more are made for as long. Cheap. */
    default boolean takesMore() {
        return true;
    }

    /**
     * A part that is not the last one, of a call that {@link #streams}.
     *
     * @throws RefusedException when too many wait to be read; it is to be refused then
     */
    default void part(ModelInferResponse part) throws RefusedException {
        throw new IllegalStateException("this call takes whole answers");
    }

    void answer(ModelInferResponse answer);

    void refuse(RefusedException refusal);
}

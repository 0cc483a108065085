package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelInferResponse;

/**
 * A call that was admitted: it fits its model and waits, or runs. Exactly one of {@link #answer},
 * {@link #refuse} and {@link #drop} ends it.
 *
 * @param hold on the model until it has ended
 * @param bytes of its message
 * @param arrivedNanos of the monotonic clock
 */
record Job(
        InferenceCall call,
        ServedModels.Hold hold,
        InferenceRequest request,
        long bytes,
        long arrivedNanos) {
    ServedModel model() {
        return hold.model();
    }

    void answer(ModelInferResponse answer) {
        model().statistics().answered(System.nanoTime() - arrivedNanos);
        hold.close();
        call.answer(answer);
    }

    void refuse(RefusedException refusal) {
        model().statistics().refused(System.nanoTime() - arrivedNanos);
        hold.close();
        call.refuse(refusal);
    }

    /** Of a caller who has gone; his transport has ended the call. */
    void drop() {
        hold.close();
    }

    long connection() {
        return call.caller().connection();
    }

    /** True if this and the other may run as one, whoever asks. */
    boolean runsWith(Job other) {
        return call.caller().tenant().equals(other.call.caller().tenant())
                && request.outputs().equals(other.request.outputs())
                && request.sameRowsAs(other.request);
    }
}

package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelInferResponse;

/**
 * A call that was admitted: it fits its model and waits, or runs. Exactly one of {@link #answer},
 * {@link #refuse} and {@link #drop} ends it.
 *
 * @param hold on the model until it has ended
 * @param bytes that its request holds
 * @param arrivedNanos of the monotonic clock
 * @param lease whether it was taken from the lease's count
 */
record Job(
        InferenceCall call,
        ServedModels.Hold hold,
        InferenceRequest request,
        long bytes,
        long arrivedNanos,
        Lease lease) {
    /** Whether a job's inference was taken from what the lease allows. */
    enum Lease {
        OWED,
        TAKEN
    }

    Job taken() {
        return new Job(call, hold, request, bytes, arrivedNanos, Lease.TAKEN);
    }

    String identity() {
        return call.caller().identity();
    }

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

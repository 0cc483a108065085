package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelInferResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that was admitted: it fits its model and waits, or runs. Exactly one of {@link #answer},
 * {@link #refuse} and {@link #drop} ends it. None of them throws what a transport that is gone
 * does, because others come after it.
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
    private static final Logger LOG = LoggerFactory.getLogger(Job.class);

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
        drop();
        end(() -> call.answer(answer));
    }

    void refuse(RefusedException refusal) {
        model().statistics().refused(System.nanoTime() - arrivedNanos);
        drop();
        end(() -> call.refuse(refusal));
    }

    /** Of a caller who has gone; his transport has ended the call. */
    void drop() {
        end(hold::close);
    }

    private static void end(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            Lasting.tell(LOG, "inference.end", e);
        }
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

package dev.strongroom.serving.tune;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.InferenceCall;
import dev.strongroom.serving.infer.RefusedException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A call of this process's own; of its answer nothing is kept but that it came. */
final class OwnCall implements InferenceCall {
    private final Caller caller;
    private final ModelInferRequest request;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable RefusedException refusal;

    OwnCall(Caller caller, ModelInferRequest request) {
        this.caller = caller;
        this.request = request;
    }

    /**
     * Waits for the answer.
     *
     * @throws RefusedException in its place
     */
    void await() throws RefusedException, InterruptedException {
        ended.await();
        RefusedException refused = refusal;
        if (refused != null) {
            throw refused;
        }
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public ModelInferRequest request() {
        return request;
    }

    @Override
    public boolean abandoned() {
        return false;
    }

    @Override
    public void answer(ModelInferResponse answer) {
        ended.countDown();
    }

    @Override
    public void refuse(RefusedException why) {
        refusal = why;
        ended.countDown();
    }
}

package dev.strongroom.serving.rpc;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.InferenceCall;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;

/** One inference as a gRPC call of its own. */
record UnaryCall(
        Caller caller,
        ModelInferRequest request,
        StreamObserver<ModelInferResponse> observer,
        Context context)
        implements InferenceCall {
    /** gRPC cancels the context when the caller goes and when his deadline passes. */
    @Override
    public boolean abandoned() {
        return context.isCancelled();
    }

    @Override
    public void answer(ModelInferResponse answer) {
        Replies.send(observer, answer);
    }

    @Override
    public void refuse(RefusedException refusal) {
        observer.onError(refusal.status());
    }
}

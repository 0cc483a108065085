package dev.strongroom.serving.rpc;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.InferenceCall;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.UnreadAnswers;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One inference as a gRPC call of its own. */
final class UnaryCall extends ServerCall.Listener<ModelInferRequest> implements InferenceCall {
    private final ServerCall<ModelInferRequest, ModelInferResponse> call;
    private final InferencePath path;
    private final UnreadAnswers unread;
    private final AtomicLong taken = new AtomicLong();
    private final Caller caller = Connections.caller();
    private @Nullable ModelInferRequest request;
    private boolean refused;

    private UnaryCall(ServerCall<ModelInferRequest, ModelInferResponse> call, InferencePath path) {
        this.call = call;
        this.path = path;
        this.unread = path.unread();
    }

    static ServerCall.Listener<ModelInferRequest> take(
            ServerCall<ModelInferRequest, ModelInferResponse> call, InferencePath path) {
        call.request(2); // a second one would be a fault, which has to be seen
        return new UnaryCall(call, path);
    }

    @Override
    public void onMessage(ModelInferRequest message) {
        if (request == null) {
            request = message;
        } else if (!refused) {
            refused = true;
            call.close(
                    Status.INVALID_ARGUMENT.withDescription("expected one request, got more"),
                    new Metadata());
        }
    }

    @Override
    public void onHalfClose() {
        if (refused) {
            return; // the call is over
        }
        if (request == null) {
            call.close(
                    Status.INVALID_ARGUMENT.withDescription("expected one request, got none"),
                    new Metadata());
        } else {
            infer(request);
        }
    }

    private void infer(ModelInferRequest parsed) {
        try {
            RequestMarshaller.requireParsed(parsed);
        } catch (RefusedException e) {
            refuse(e);
            return;
        }
        path.infer(this);
    }

    @Override
    public void onComplete() {
        unread.give(caller, taken.getAndSet(0));
    }

    @Override
    public void onCancel() {
        unread.give(caller, taken.getAndSet(0));
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public ModelInferRequest request() {
        return Objects.requireNonNull(request);
    }

    /** gRPC cancels it when the caller goes and when his deadline passes. */
    @Override
    public boolean abandoned() {
        return call.isCancelled();
    }

    @Override
    public void soon(Runnable step) {
        EventLoops.soon(step);
    }

    @Override
    public void answer(ModelInferResponse answer) {
        long bytes = answer.getSerializedSize();
        try {
            unread.take(caller, bytes);
        } catch (RefusedException e) {
            refuse(e);
            return;
        }
        taken.set(bytes);
        if (call.isCancelled()) { // perhaps before it was set
            unread.give(caller, taken.getAndSet(0));
        }
        call.sendHeaders(new Metadata());
        call.sendMessage(answer);
        call.close(Status.OK, new Metadata());
    }

    @Override
    public void refuse(RefusedException refusal) {
        Replies.close(call, refusal);
    }
}

package dev.strongroom.serving.rpc;

import dev.strongroom.serving.infer.RefusedException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * Bounds the calls under way over all connections: one more is refused before its message is read,
 * so that many connections hold no more memory than few.
 *
 * <p>Thread-safe.
 */
final class CallLimitInterceptor implements ServerInterceptor {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final int limit;
    private final Semaphore free;

    CallLimitInterceptor(int limit) {
        this.limit = limit;
        this.free = new Semaphore(limit);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!free.tryAcquire()) {
            return refuse(call);
        }
        try {
            return new Releasing<>(next.startCall(call, headers));
        } catch (RuntimeException | Error e) {
            free.release();
            throw e;
        }
    }

    private <Q> ServerCall.Listener<Q> refuse(ServerCall<Q, ?> call) {
        Replies.close(
                call,
                RefusedException.exhausted(
                        "OVERLOADED",
                        "this node has %d calls under way; try again later".formatted(limit),
                        RETRY_AFTER));
        return new ServerCall.Listener<>() {};
    }

    /** A call ends in exactly one of the two ways. */
    private final class Releasing<Q> extends SimpleForwardingServerCallListener<Q> {
        Releasing(ServerCall.Listener<Q> delegate) {
            super(delegate);
        }

        @Override
        public void onComplete() {
            free.release();
            super.onComplete();
        }

        @Override
        public void onCancel() {
            free.release();
            super.onCancel();
        }
    }
}

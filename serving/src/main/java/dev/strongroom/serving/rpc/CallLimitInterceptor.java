package dev.strongroom.serving.rpc;

import dev.strongroom.serving.access.CallSlots;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Refuses a call that finds no slot before its message is read.
 *
 * <p>Thread-safe.
 */
final class CallLimitInterceptor implements ServerInterceptor {
    private final CallSlots slots;

    CallLimitInterceptor(CallSlots slots) {
        this.slots = slots;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            slots.take();
        } catch (RefusedException e) {
            Replies.close(call, e);
            return new ServerCall.Listener<>() {};
        }
        try {
            return new Releasing<>(next.startCall(call, headers));
        } catch (RuntimeException | Error e) {
            slots.give();
            throw e;
        }
    }

    /** A call ends in exactly one of the two ways. */
    private final class Releasing<Q> extends SimpleForwardingServerCallListener<Q> {
        Releasing(ServerCall.Listener<Q> delegate) {
            super(delegate);
        }

        @Override
        public void onComplete() {
            slots.give();
            super.onComplete();
        }

        @Override
        public void onCancel() {
            slots.give();
            super.onCancel();
        }
    }
}

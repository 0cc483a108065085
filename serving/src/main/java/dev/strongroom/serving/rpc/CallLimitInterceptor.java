package dev.strongroom.serving.rpc;

import dev.strongroom.serving.access.CallSlots;
import dev.strongroom.serving.access.CallSlots.Kind;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
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
        Kind kind = kind(call.getMethodDescriptor());
        Caller caller = Connections.caller();
        try {
            slots.take(kind, caller);
        } catch (RefusedException e) {
            Replies.close(call, e);
            return new ServerCall.Listener<>() {};
        }
        try {
            return new Releasing<>(next.startCall(call, headers), () -> slots.give(kind, caller));
        } catch (RuntimeException | Error e) {
            slots.give(kind, caller);
            throw e;
        }
    }

    private static Kind kind(MethodDescriptor<?, ?> method) {
        if (InferenceService.isInference(method)) {
            return Kind.INFERENCE;
        }
        return method.getType().serverSendsOneMessage() ? Kind.DESCRIBING : Kind.LASTING;
    }

    /** A call ends in exactly one of the two ways. */
    private static final class Releasing<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Runnable release;

        Releasing(ServerCall.Listener<Q> delegate, Runnable release) {
            super(delegate);
            this.release = release;
        }

        @Override
        public void onComplete() {
            release.run();
            super.onComplete();
        }

        @Override
        public void onCancel() {
            release.run();
            super.onCancel();
        }
    }
}

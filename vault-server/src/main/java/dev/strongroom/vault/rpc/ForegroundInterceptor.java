package dev.strongroom.vault.rpc;

import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.vault.access.Foreground;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Counts the calls of nodes that wait for a key or a lease, from the moment that nothing more of
 * the request is to come: one that is begun and never finished keeps nobody waiting. Watches last
 * for ever and are not among them.
 *
 * <p>Thread-safe.
 */
final class ForegroundInterceptor implements ServerInterceptor {
    private final Foreground foreground;

    ForegroundInterceptor(Foreground foreground) {
        this.foreground = foreground;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!isAwaited(call.getMethodDescriptor())) {
            return next.startCall(call, headers);
        }
        return new Awaited<>(next.startCall(call, headers));
    }

    private static boolean isAwaited(MethodDescriptor<?, ?> method) {
        return ReleaseGrpc.SERVICE_NAME.equals(method.getServiceName())
                && method.getType() == MethodDescriptor.MethodType.UNARY;
    }

    /** gRPC tells of exactly one of the two ends. */
    private final class Awaited<Q> extends SimpleForwardingServerCallListener<Q> {
        private boolean begun;

        Awaited(ServerCall.Listener<Q> delegate) {
            super(delegate);
        }

        @Override
        public void onHalfClose() {
            begun = true;
            foreground.begun();
            super.onHalfClose();
        }

        @Override
        public void onComplete() {
            ended();
            super.onComplete();
        }

        @Override
        public void onCancel() {
            ended();
            super.onCancel();
        }

        private void ended() {
            if (begun) {
                begun = false;
                foreground.ended();
            }
        }
    }
}

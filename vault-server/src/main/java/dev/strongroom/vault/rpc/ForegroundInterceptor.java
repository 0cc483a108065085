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
 * Counts the calls of nodes that wait for a key or a lease. Watches last for ever and are not among
 * them.
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
        foreground.begun();
        boolean started = false;
        try {
            var listener = new Awaited<>(next.startCall(call, headers));
            started = true;
            return listener;
        } finally {
            if (!started) {
                foreground.ended();
            }
        }
    }

    private static boolean isAwaited(MethodDescriptor<?, ?> method) {
        return ReleaseGrpc.SERVICE_NAME.equals(method.getServiceName())
                && method.getType() == MethodDescriptor.MethodType.UNARY;
    }

    /** gRPC tells of exactly one of the two ends. */
    private final class Awaited<Q> extends SimpleForwardingServerCallListener<Q> {
        Awaited(ServerCall.Listener<Q> delegate) {
            super(delegate);
        }

        @Override
        public void onComplete() {
            foreground.ended();
            super.onComplete();
        }

        @Override
        public void onCancel() {
            foreground.ended();
            super.onCancel();
        }
    }
}

package dev.strongroom.serving.rpc;

import dev.strongroom.serving.infer.Caller;
import io.grpc.Attributes;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Stands in for the certificates of transports that have none. */
final class TestCaller implements ServerInterceptor {
    static final Caller CALLER = new Caller("acme", "consumer", "test", "", "", "acme", "", 1);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return Contexts.interceptCall(
                Connections.context(CALLER, Attributes.EMPTY), call, headers, next);
    }
}

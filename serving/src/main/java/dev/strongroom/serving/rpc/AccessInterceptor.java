package dev.strongroom.serving.rpc;

import dev.strongroom.serving.access.Access;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Decides from the verified client certificate who may call what. A method without a rule is
 * refused to everybody.
 *
 * <p>Thread-safe.
 */
final class AccessInterceptor implements ServerInterceptor {
    private final Access access;

    AccessInterceptor(Access access) {
        this.access = access;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            Caller caller =
                    access.judge(
                            call.getMethodDescriptor().getFullMethodName(),
                            Connections.peer(call.getAttributes()));
            return Contexts.interceptCall(
                    Connections.context(caller, call.getAttributes()), call, headers, next);
        } catch (RefusedException e) {
            Replies.close(call, e);
            return new ServerCall.Listener<>() {};
        }
    }
}

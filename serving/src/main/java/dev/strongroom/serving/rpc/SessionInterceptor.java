package dev.strongroom.serving.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import javax.net.ssl.SSLSession;

/**
 * Tells services which TLS session a call came over.
 *
 * <p>Immutable and thread-safe.
 */
final class SessionInterceptor implements ServerInterceptor {
    /** Of the current call; no value outside one. */
    static final Context.Key<SSLSession> SESSION = Context.key("tls-session");

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        Context context = Context.current().withValue(SESSION, session);
        return Contexts.interceptCall(context, call, headers, next);
    }
}

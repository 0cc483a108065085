package dev.strongroom.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Learns which TLS session one call went over. For one call. */
final class CallSession implements ClientInterceptor {
    private final AtomicReference<@Nullable SSLSession> session = new AtomicReference<>();

    /** Of the call that has ended. */
    @Nullable SSLSession session() {
        return session.get();
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
            MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        ClientCall<Q, A> call = next.newCall(method, options);
        return new SimpleForwardingClientCall<>(call) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                session.set(
                                        call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
                                super.onClose(status, trailers);
                            }
                        },
                        headers);
            }
        };
    }
}

package dev.strongroom.serving.rpc;

import dev.strongroom.attestation.Tee;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Says on every answer, refusals included, what kind of trusted execution environment answers. */
final class TeeInterceptor implements ServerInterceptor {
    static final Metadata.Key<String> TEE =
            Metadata.Key.of("strongroom-tee", Metadata.ASCII_STRING_MARSHALLER);

    private final String label;

    TeeInterceptor(Tee tee) {
        this.label = tee.label();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return next.startCall(
                new SimpleForwardingServerCall<>(call) {
                    private boolean said;

                    @Override
                    public void sendHeaders(Metadata answer) {
                        answer.put(TEE, label);
                        said = true;
                        super.sendHeaders(answer);
                    }

                    @Override
                    public void close(Status status, Metadata trailers) {
                        if (!said) {
                            trailers.put(TEE, label);
                        }
                        super.close(status, trailers);
                    }
                },
                headers);
    }
}

package dev.strongroom.vault.rpc;

import dev.strongroom.attestation.Tee;
import dev.strongroom.vault.access.UnknownMethods;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * Times every call by method and code, and tells the caller with the headers what kind of evidence
 * this vault believes.
 *
 * <p>Thread-safe.
 */
final class ObservingInterceptor implements ServerInterceptor {
    /** Response header: {@code simulated} or the kind of TEE. */
    static final Metadata.Key<String> TEE =
            Metadata.Key.of("strongroom-tee", Metadata.ASCII_STRING_MARSHALLER);

    private final MeterRegistry metrics;
    private final Tee tee;

    ObservingInterceptor(MeterRegistry metrics, Tee tee) {
        this.metrics = metrics;
        this.tee = tee;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return next.startCall(new ObservedCall<>(call, Timer.start(metrics)), headers);
    }

    private static String label(MethodDescriptor<?, ?> method) {
        return UnknownMethods.contains(method) ? UnknownMethods.LABEL : method.getFullMethodName();
    }

    private final class ObservedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final Timer.Sample started;
        private boolean headersSent;

        ObservedCall(ServerCall<Q, A> call, Timer.Sample started) {
            super(call);
            this.started = started;
        }

        @Override
        public void sendHeaders(Metadata headers) {
            headersSent = true;
            headers.put(TEE, tee.label());
            super.sendHeaders(headers);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (!headersSent) {
                trailers.put(TEE, tee.label());
            }
            started.stop(
                    Timer.builder("strongroom.rpc")
                            .description("Calls by method and gRPC code")
                            .tag("method", label(getMethodDescriptor()))
                            .tag("code", status.getCode().name())
                            .register(metrics));
            super.close(status, trailers);
        }
    }
}

package dev.strongroom.vault.rpc;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where an error becomes a gRPC status: code, a stable {@code ErrorInfo.reason}, a
 * short message and a reference. Whatever else is known about the error goes to the log under that
 * reference and nowhere else.
 *
 * <p>Thread-safe.
 */
public final class ErrorInterceptor implements ServerInterceptor {
    /** The {@code ErrorInfo.domain} of every error of Strongroom. */
    public static final String DOMAIN = "strongroom";

    private static final Logger LOG = LoggerFactory.getLogger(ErrorInterceptor.class);
    private static final int REFERENCE_BYTES = 6; // enough to find one line in a log

    private final SecureRandom random;

    public ErrorInterceptor(SecureRandom random) {
        this.random = random;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var mapping = new MappingCall<>(call);
        try {
            return new MappingListener<>(next.startCall(mapping, headers), mapping);
        } catch (RuntimeException e) {
            mapping.close(Status.UNKNOWN.withCause(e), new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }

    private StatusException map(String method, Throwable error) {
        String reference = newReference();
        RefusedException refused = Refusals.of(error);
        log(method, reference, refused, error);
        return toStatus(refused, reference);
    }

    /** A stack only for what is not the caller's doing. */
    private static void log(
            String method, String reference, RefusedException refused, Throwable error) {
        if (isOurs(refused.reason())) {
            LOG.atError()
                    .setCause(error)
                    .addKeyValue("method", method)
                    .addKeyValue("reason", refused.reason())
                    .addKeyValue("reference", reference)
                    .log("call.failed");
        } else {
            LOG.atInfo()
                    .addKeyValue("method", method)
                    .addKeyValue("reason", refused.reason())
                    .addKeyValue("reference", reference)
                    .addKeyValue("message", refused.getMessage())
                    .log("call.refused");
        }
    }

    private static boolean isOurs(Reason reason) {
        return reason == Reason.DISK_FULL
                || reason.kind() == Reason.Kind.INTERNAL
                || reason.kind() == Reason.Kind.UNAVAILABLE;
    }

    private static StatusException toStatus(RefusedException refused, String reference) {
        var info =
                ErrorInfo.newBuilder()
                        .setReason(refused.reason().name())
                        .setDomain(DOMAIN)
                        .putAllMetadata(refused.details())
                        .putMetadata("reference", reference)
                        .build();
        return StatusProto.toStatusException(
                com.google.rpc.Status.newBuilder()
                        .setCode(codeOf(refused.reason().kind()).value())
                        .setMessage(refused.getMessage() + " (reference " + reference + ")")
                        .addDetails(Any.pack(info))
                        .build());
    }

    private static Status.Code codeOf(Reason.Kind kind) {
        return switch (kind) {
            case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
            case DENIED -> Status.Code.PERMISSION_DENIED;
            case INVALID -> Status.Code.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.Code.NOT_FOUND;
            case EXISTS -> Status.Code.ALREADY_EXISTS;
            case PRECONDITION -> Status.Code.FAILED_PRECONDITION;
            case CONTENDED -> Status.Code.ABORTED;
            case EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
            case INTEGRITY -> Status.Code.DATA_LOSS;
            case UNAVAILABLE -> Status.Code.UNAVAILABLE;
            case INTERNAL -> Status.Code.INTERNAL;
        };
    }

    private String newReference() {
        byte[] bytes = new byte[REFERENCE_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Rewrites the status of a call that ends with a cause; closes once. */
    private final class MappingCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private boolean closed;

        MappingCall(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (closed) {
                return;
            }
            closed = true;
            Throwable cause = status.getCause();
            if (status.isOk() || cause == null) {
                super.close(status, trailers);
                return;
            }
            StatusException mapped = map(getMethodDescriptor().getFullMethodName(), cause);
            Metadata details = mapped.getTrailers();
            if (details != null) {
                trailers.merge(details);
            }
            super.close(mapped.getStatus(), trailers);
        }
    }

    /** Turns an exception that a service throws into the end of the call. */
    private static final class MappingListener<Q, A> extends SimpleForwardingServerCallListener<Q> {
        private final MappingCall<Q, A> call;

        MappingListener(ServerCall.Listener<Q> listener, MappingCall<Q, A> call) {
            super(listener);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            guard(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guard(super::onHalfClose);
        }

        @Override
        public void onReady() {
            guard(super::onReady);
        }

        private void guard(Runnable step) {
            try {
                step.run();
            } catch (RuntimeException e) {
                call.close(Status.UNKNOWN.withCause(e), new Metadata());
            }
        }
    }
}

package dev.strongroom.serving.rpc;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/**
 * A call that this node does not serve: the one way from a refusal to a gRPC status. The message
 * names inputs, expectations and sizes, never values.
 */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final String DOMAIN = "strongroom";

    private final Status.Code code;
    private final String reason;

    /**
     * @param reason stable, upper case
     * @param message what, expected, got, what to do
     */
    RefusedException(Status.Code code, String reason, String message) {
        super(message);
        this.code = code;
        this.reason = reason;
    }

    static RefusedException invalid(String reason, String message) {
        return new RefusedException(Status.Code.INVALID_ARGUMENT, reason, message);
    }

    String reason() {
        return reason;
    }

    /** The status with {@code google.rpc.ErrorInfo} among its details. */
    StatusRuntimeException status() {
        return StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                        .setCode(code.value())
                        .setMessage(String.valueOf(getMessage()))
                        .addDetails(
                                Any.pack(
                                        ErrorInfo.newBuilder()
                                                .setReason(reason)
                                                .setDomain(DOMAIN)
                                                .build()))
                        .build());
    }
}

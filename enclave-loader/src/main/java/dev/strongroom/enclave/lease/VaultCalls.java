package dev.strongroom.enclave.lease;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.strongroom.crypto.peer.ConnectionFault;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.ReleaseGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.AbstractStub;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * How each call to the vault is made and what its refusal means to a node. Thread-safe.
 *
 * @param vault its address, for messages
 */
record VaultCalls(String vault, ManagedChannel channel) {
    private static final long SECONDS = 60; // a token may take seconds to unwrap

    ModelsGrpc.ModelsBlockingStub models() {
        return soon(ModelsGrpc.newBlockingStub(channel));
    }

    KeysGrpc.KeysBlockingStub keys() {
        return soon(KeysGrpc.newBlockingStub(channel));
    }

    GuardsGrpc.GuardsBlockingStub guards() {
        return soon(GuardsGrpc.newBlockingStub(channel));
    }

    ReleaseGrpc.ReleaseBlockingStub release() {
        return soon(ReleaseGrpc.newBlockingStub(channel));
    }

    /** The stub with the deadline that every call has but the fetching of an object. */
    static <S extends AbstractStub<S>> S soon(S stub) {
        return stub.withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    /** What a call brings, or the vault's refusal. */
    <T> T answered(Supplier<T> call) throws LeaseException {
        try {
            return call.get();
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    LeaseException refused(StatusRuntimeException e) {
        Status status = e.getStatus();
        LeaseException.Kind kind =
                switch (status.getCode()) {
                    case NOT_FOUND -> LeaseException.Kind.NOT_FOUND;
                    case DATA_LOSS -> LeaseException.Kind.INTEGRITY;
                    case PERMISSION_DENIED,
                            UNAUTHENTICATED,
                            FAILED_PRECONDITION,
                            INVALID_ARGUMENT ->
                            LeaseException.Kind.DENIED;
                    case RESOURCE_EXHAUSTED -> LeaseException.Kind.BUSY;
                    default -> LeaseException.Kind.UNREACHABLE;
                };
        Throwable cause = status.getCause();
        if (status.getCode() == Status.Code.UNAVAILABLE && cause != null) {
            return new LeaseException(
                    kind,
                    "vault %s cannot be reached: %s; check that it runs at this address and that this node's CA and certificate are of that vault"
                            .formatted(vault, ConnectionFault.words(cause)),
                    e);
        }
        String said = status.getDescription() == null ? "" : ": " + status.getDescription();
        String next =
                kind == LeaseException.Kind.UNREACHABLE
                        ? "; check that the vault runs at this address and that this node's CA and"
                                + " certificate are of that vault"
                        : "";
        return new LeaseException(kind, "vault " + vault + " " + reason(e) + said + next, e);
    }

    /** What a vault says of its refusal; it may say anything, also what is no refusal of ours. */
    static String reason(StatusRuntimeException e) {
        try {
            var status = StatusProto.fromThrowable(e);
            if (status != null && status.getDetailsCount() > 0) {
                return "refused with " + status.getDetails(0).unpack(ErrorInfo.class).getReason();
            }
        } catch (InvalidProtocolBufferException | IllegalArgumentException other) {
            // Another kind of detail, or one of another code: the code says enough.
        }
        return "answered " + e.getStatus().getCode();
    }
}

package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.FetchObjectResponse;
import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.proto.v1.VersionReference;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * The vault as this node calls it, over mutual TLS 1.3. Believes nothing: callers verify.
 *
 * <p>Thread-safe. The caller closes it.
 */
public final class VaultLink implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 4 << 20; // objects come in chunks of 1 MiB
    private static final long CALL_SECONDS = 60; // a token may take seconds to unwrap
    private static final long FETCH_SECONDS = 24 * 3600; // the largest object over a slow line

    private final VaultAddress address;
    private final ManagedChannel channel;

    VaultLink(VaultAddress address, ManagedChannel channel) {
        this.address = address;
        this.channel = channel;
    }

    public static VaultLink open(VaultAddress address) throws LeaseException {
        try {
            var tls =
                    GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                            .protocols("TLSv1.3")
                            .trustManager(address.authority())
                            .keyManager(
                                    address.key(), address.chain().toArray(X509Certificate[]::new))
                            .build();
            return new VaultLink(
                    address,
                    NettyChannelBuilder.forTarget("dns:///" + address.hostAndPort())
                            .sslContext(tls)
                            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                            .build());
        } catch (SSLException | IllegalArgumentException e) {
            throw new LeaseException(
                    LeaseException.Kind.DENIED,
                    "this node's client certificate and key do not fit together or cannot be used"
                            + " for TLS; have the vault's operator issue them again",
                    e);
        }
    }

    /** The vault's certificate authority as configured; the pinned identity must agree. */
    X509Certificate authority() {
        return address.authority();
    }

    /**
     * @param number 0 is the latest
     */
    GetVersionResponse version(ModelName model, long number) throws LeaseException {
        try {
            return models().getVersion(
                            GetVersionRequest.newBuilder()
                                    .setVersion(
                                            VersionReference.newBuilder()
                                                    .setModel(model.toString())
                                                    .setNumber(number))
                                    .build());
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    GetChallengeResponse challenge() throws LeaseException {
        try {
            return release().getChallenge(GetChallengeRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    RequestLeaseResponse lease(RequestLeaseRequest request) throws LeaseException {
        try {
            return release().requestLease(request);
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    /** Receives the bytes of a fetched object in order. */
    @FunctionalInterface
    public interface ChunkSink {
        void accept(ByteString chunk) throws IOException, LeaseException;
    }

    /** Sealed bytes of one file, from an offset to the end, chunk by chunk. */
    public void fetch(
            ModelName model, VersionId version, int fileIndex, long offset, ChunkSink sink)
            throws LeaseException, IOException {
        try {
            Iterator<FetchObjectResponse> chunks =
                    ModelsGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(FETCH_SECONDS, TimeUnit.SECONDS)
                            .fetchObject(
                                    FetchObjectRequest.newBuilder()
                                            .setModel(model.toString())
                                            .setVersionId(ByteString.copyFrom(version.bytes()))
                                            .setFileIndex(fileIndex)
                                            .setOffset(offset)
                                            .build());
            while (chunks.hasNext()) {
                sink.accept(chunks.next().getChunk());
            }
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private ModelsGrpc.ModelsBlockingStub models() {
        return ModelsGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    private ReleaseGrpc.ReleaseBlockingStub release() {
        return ReleaseGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    private LeaseException refused(StatusRuntimeException e) {
        Status status = e.getStatus();
        LeaseException.Kind kind =
                switch (status.getCode()) {
                    case NOT_FOUND -> LeaseException.Kind.NOT_FOUND;
                    case DATA_LOSS -> LeaseException.Kind.INTEGRITY;
                    case PERMISSION_DENIED,
                            UNAUTHENTICATED,
                            FAILED_PRECONDITION,
                            INVALID_ARGUMENT,
                            RESOURCE_EXHAUSTED ->
                            LeaseException.Kind.DENIED;
                    default -> LeaseException.Kind.UNREACHABLE;
                };
        String said = status.getDescription() == null ? "" : ": " + status.getDescription();
        String next =
                kind == LeaseException.Kind.UNREACHABLE
                        ? "; check that the vault runs at this address and that this node's CA and"
                                + " certificate are of that vault"
                        : "";
        return new LeaseException(
                kind, "vault " + address.hostAndPort() + " " + reason(e) + said + next, e);
    }

    private static String reason(StatusRuntimeException e) {
        var status = StatusProto.fromThrowable(e);
        if (status != null && status.getDetailsCount() > 0) {
            try {
                return "refused with " + status.getDetails(0).unpack(ErrorInfo.class).getReason();
            } catch (InvalidProtocolBufferException other) {
                // Another kind of detail: the code says enough.
            }
        }
        return "answered " + e.getStatus().getCode();
    }
}

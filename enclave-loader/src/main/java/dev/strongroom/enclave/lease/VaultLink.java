package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.peer.ClientKey;
import dev.strongroom.crypto.peer.VaultAuthorities;
import dev.strongroom.proto.v1.BeginResealRequest;
import dev.strongroom.proto.v1.CommitFingerprintRequest;
import dev.strongroom.proto.v1.CommitResealRequest;
import dev.strongroom.proto.v1.CommitResealResponse;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.FetchObjectResponse;
import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.GetGuardStateRequest;
import dev.strongroom.proto.v1.GetGuardStateResponse;
import dev.strongroom.proto.v1.GetImportCertificateRequest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.RenewLeaseResponse;
import dev.strongroom.proto.v1.ReportRefusedKeyRequest;
import dev.strongroom.proto.v1.ReportZeroisationRequest;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.proto.v1.SaveGuardStateRequest;
import dev.strongroom.proto.v1.TakeRowsRequest;
import dev.strongroom.proto.v1.TakeRowsResponse;
import dev.strongroom.proto.v1.UploadObjectRequest;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.proto.v1.WatchLeaseRequest;
import dev.strongroom.proto.v1.WatchLeaseResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
    private static final long KEEP_ALIVE_SECONDS = 25; // the vault permits one in 20
    private static final long FETCH_SECONDS = 24 * 3600; // the largest object over a slow line

    private final VaultAddress address;
    private final VaultAuthorities authorities;
    private final ManagedChannel channel;

    VaultLink(VaultAddress address, VaultAuthorities authorities, ManagedChannel channel) {
        this.address = address;
        this.authorities = authorities;
        this.channel = channel;
    }

    public static VaultLink open(VaultAddress address) throws LeaseException {
        try {
            var authorities = new VaultAuthorities(address.authorities());
            var tls =
                    GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                            .protocols("TLSv1.3")
                            .trustManager(authorities)
                            .keyManager(new ClientKey(address.key(), address.chain()))
                            .build();
            return new VaultLink(
                    address,
                    authorities,
                    NettyChannelBuilder.forTarget("dns:///" + address.hostAndPort())
                            .sslContext(tls)
                            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                            .build());
        } catch (SSLException | GeneralSecurityException | IllegalArgumentException e) {
            throw new LeaseException(
                    LeaseException.Kind.DENIED,
                    "this node's client certificate and key do not fit together or cannot be used"
                            + " for TLS; have the vault's operator issue them again",
                    e);
        }
    }

    /**
     * From here on the authorities that the vault's identity names speak for it, and no others. A
     * connection that none of them speaks for is given up: the next call makes another one.
     *
     * @param identity verified under the pin
     */
    void follow(VaultIdentity identity) throws LeaseException {
        try {
            authorities.follow(identity);
        } catch (CertificateException e) {
            channel.enterIdle();
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY,
                    "vault " + address.hostAndPort() + ": " + e.getMessage(),
                    e);
        }
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

    RenewLeaseResponse renew(RenewLeaseRequest request) throws LeaseException {
        try {
            return release().renewLease(request);
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    /** Opens the stream of notices; nobody ends it but the vault, the line or the caller. */
    BlockingClientCall<?, WatchLeaseResponse> watch(WatchLeaseRequest request) {
        channel.resetConnectBackoff(); // whoever calls has waited already
        return ReleaseGrpc.newBlockingV2Stub(channel).watchLease(request);
    }

    /**
     * Reports a zeroisation.
     *
     * @return index of the leaf that holds the statement
     */
    long report(ModelName model, byte[] statement, byte[] tlsSpki) throws LeaseException {
        try {
            return release()
                    .reportZeroisation(
                            ReportZeroisationRequest.newBuilder()
                                    .setModel(model.toString())
                                    .setStatement(ByteString.copyFrom(statement))
                                    .setTlsSpki(ByteString.copyFrom(tlsSpki))
                                    .build())
                    .getProof()
                    .getLeafIndex();
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    /** Reports the commitment to a mark; the proof is not verified. */
    InclusionProof commitFingerprint(ModelName model, byte[] statement, byte[] tlsSpki)
            throws LeaseException {
        try {
            return release()
                    .commitFingerprint(
                            CommitFingerprintRequest.newBuilder()
                                    .setModel(model.toString())
                                    .setStatement(ByteString.copyFrom(statement))
                                    .setTlsSpki(ByteString.copyFrom(tlsSpki))
                                    .build())
                    .getProof();
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    /** Rows of a caller's day that this node got, and what is left of the day. */
    public record Rows(long rows, Duration dayLeft) {}

    /**
     * Takes rows of a caller's day for this node. Does not block.
     *
     * @param lease in force
     * @param caller {@code tenant/role/name}
     * @param perDay of the caller, over all nodes
     */
    public CompletableFuture<Rows> takeRows(Lease lease, String caller, long perDay, long wanted) {
        var answer = new CompletableFuture<Rows>();
        GuardsGrpc.newStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                .takeRows(
                        TakeRowsRequest.newBuilder()
                                .setModel(lease.model().toString())
                                .setBootId(ByteString.copyFrom(lease.bootId()))
                                .setCaller(caller)
                                .setRowsPerDay(perDay)
                                .setWanted(wanted)
                                .build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(TakeRowsResponse rows) {
                                answer.complete(
                                        new Rows(
                                                Math.clamp(rows.getRows(), 0, wanted),
                                                Duration.ofMillis(
                                                        Math.max(0, rows.getDayLeftMillis()))));
                            }

                            @Override
                            public void onError(Throwable failure) {
                                answer.completeExceptionally(failure);
                            }

                            @Override
                            public void onCompleted() {
                                // one answer is all
                            }
                        });
        return answer;
    }

    /**
     * A guard's state as this node last sealed it; empty when the vault has none.
     *
     * @param lease in force, on the version whose state it is
     */
    public Optional<GuardState> guardState(Lease lease) throws LeaseException {
        return state(guardState(lease, ""));
    }

    /**
     * The states that other nodes, or this one under other names, left of a version.
     *
     * @param lease in force, on that version
     */
    public List<GuardState> otherGuardStates(Lease lease) throws LeaseException {
        var states = new ArrayList<GuardState>();
        for (String node : guardState(lease, "").getOthersList()) {
            state(guardState(lease, node)).ifPresent(states::add);
        }
        return states;
    }

    private GetGuardStateResponse guardState(Lease lease, String node) throws LeaseException {
        try {
            return guards().getGuardState(
                            GetGuardStateRequest.newBuilder()
                                    .setModel(lease.model().toString())
                                    .setVersionId(ByteString.copyFrom(lease.versionId().bytes()))
                                    .setBootId(ByteString.copyFrom(lease.bootId()))
                                    .setNode(node)
                                    .build());
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    private static Optional<GuardState> state(GetGuardStateResponse kept) {
        return kept.getSeq() <= 0
                ? Optional.empty()
                : Optional.of(new GuardState(kept.getSeq(), kept.getSealed().toByteArray()));
    }

    /** A sealed state of a node's guard. */
    public record GuardState(long seq, byte[] sealed) {}

    /**
     * Has the vault keep a guard's state.
     *
     * @param lease in force, on the version whose state it is
     */
    public void saveGuardState(Lease lease, GuardState state) throws LeaseException {
        try {
            guards().saveGuardState(
                            SaveGuardStateRequest.newBuilder()
                                    .setModel(lease.model().toString())
                                    .setVersionId(ByteString.copyFrom(lease.versionId().bytes()))
                                    .setBootId(ByteString.copyFrom(lease.bootId()))
                                    .setSeq(state.seq())
                                    .setSealed(ByteString.copyFrom(state.sealed()))
                                    .build());
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    /**
     * Tells the vault of a call with a key that it said to refuse. Does not block; what is lost is
     * told with the next one.
     *
     * @param lease in force
     * @param key SHA-256 of its SubjectPublicKeyInfo
     * @param source address of the caller
     */
    public void reportRefusedKey(Lease lease, Digest key, String source) {
        var _ =
                GuardsGrpc.newFutureStub(channel)
                        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                        .reportRefusedKey(
                                ReportRefusedKeyRequest.newBuilder()
                                        .setModel(lease.model().toString())
                                        .setBootId(ByteString.copyFrom(lease.bootId()))
                                        .setKey(ByteString.copyFrom(key.bytes()))
                                        .setSource(source)
                                        .build());
    }

    /** Receives the bytes of a fetched object in order. */
    @FunctionalInterface
    public interface ChunkSink {
        void accept(ByteString chunk) throws IOException, LeaseException;
    }

    /** A nonce for one piece of evidence. */
    public byte[] nonce() throws LeaseException {
        return challenge().getNonce().toByteArray();
    }

    /** DSSE envelope of the tenant's import certificate; not verified. */
    public byte[] importCertificate(TenantName tenant) throws LeaseException {
        try {
            return KeysGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                    .getImportCertificate(
                            GetImportCertificateRequest.newBuilder()
                                    .setTenant(tenant.value())
                                    .build())
                    .getCertificate()
                    .toByteArray();
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    /**
     * Announces a new seal.
     *
     * @return bytes of each file that the vault has
     */
    public List<Long> beginReseal(byte[] manifest) throws LeaseException {
        try {
            return release()
                    .beginReseal(
                            BeginResealRequest.newBuilder()
                                    .setManifest(ByteString.copyFrom(manifest))
                                    .build())
                    .getDurableBytesList();
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    /** Sends one file of a new seal, from an offset to the end. */
    public void uploadResealed(
            ModelName model, VersionId version, int fileIndex, Path file, long offset)
            throws LeaseException, IOException {
        try {
            new ResealUpload(ReleaseGrpc.newBlockingV2Stub(channel).uploadResealed(), file)
                    .send(
                            UploadObjectRequest.Header.newBuilder()
                                    .setModel(model.toString())
                                    .setVersionId(ByteString.copyFrom(version.bytes()))
                                    .setFileIndex(fileIndex)
                                    .setOffset(offset)
                                    .build());
        } catch (StatusException e) {
            throw refused(e.getStatus().asRuntimeException(e.getTrailers()));
        }
    }

    /** Has the vault put a complete new seal in force. */
    public CommitResealResponse commitReseal(
            ModelName model, VersionId version, Digest manifest, byte[] importCiphertext)
            throws LeaseException {
        try {
            return release()
                    .commitReseal(
                            CommitResealRequest.newBuilder()
                                    .setModel(model.toString())
                                    .setVersionId(ByteString.copyFrom(version.bytes()))
                                    .setManifestDigest(ByteString.copyFrom(manifest.bytes()))
                                    .setImportCiphertext(ByteString.copyFrom(importCiphertext))
                                    .build());
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    /** Sealed bytes of one file of this seal, from an offset to the end, chunk by chunk. */
    public void fetch(VerifiedManifest manifest, int fileIndex, long offset, ChunkSink sink)
            throws LeaseException, IOException {
        ContentStatement content = manifest.content();
        try {
            Iterator<FetchObjectResponse> chunks =
                    ModelsGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(FETCH_SECONDS, TimeUnit.SECONDS)
                            .fetchObject(
                                    FetchObjectRequest.newBuilder()
                                            .setModel(content.model().toString())
                                            .setVersionId(
                                                    ByteString.copyFrom(
                                                            content.versionId().bytes()))
                                            .setManifestDigest(
                                                    ByteString.copyFrom(manifest.digest().bytes()))
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

    private GuardsGrpc.GuardsBlockingStub guards() {
        return GuardsGrpc.newBlockingStub(channel)
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
                            INVALID_ARGUMENT ->
                            LeaseException.Kind.DENIED;
                    case RESOURCE_EXHAUSTED -> LeaseException.Kind.BUSY;
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

package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.peer.ClientKey;
import dev.strongroom.crypto.peer.VaultAuthorities;
import dev.strongroom.proto.v1.CommitFingerprintRequest;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.FetchObjectResponse;
import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.ListAliasesRequest;
import dev.strongroom.proto.v1.ListAliasesResponse;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.RenewLeaseResponse;
import dev.strongroom.proto.v1.ReportZeroisationRequest;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.proto.v1.WatchLeaseRequest;
import dev.strongroom.proto.v1.WatchLeaseResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
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
    private static final long KEEP_ALIVE_SECONDS = 25; // the vault permits one in 20
    private static final long FETCH_SECONDS = 24 * 3600; // the largest object over a slow line

    private final VaultAddress address;
    private final VaultAuthorities authorities;
    private final ManagedChannel channel;
    private final VaultCalls calls;

    VaultLink(VaultAddress address, VaultAuthorities authorities, ManagedChannel channel) {
        this.address = address;
        this.authorities = authorities;
        this.channel = channel;
        this.calls = new VaultCalls(address.hostAndPort(), channel);
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
        return version(model, VersionReference.newBuilder().setNumber(number));
    }

    GetVersionResponse version(ModelName model, VersionId id) throws LeaseException {
        return version(
                model, VersionReference.newBuilder().setVersionId(ByteString.copyFrom(id.bytes())));
    }

    private GetVersionResponse version(ModelName model, VersionReference.Builder version)
            throws LeaseException {
        return calls.answered(() ->
                calls.models()
                        .getVersion(
                                GetVersionRequest.newBuilder()
                                        .setVersion(version.setModel(model.toString()))
                                        .build()));
    }

    ListAliasesResponse aliases(ModelName model) throws LeaseException {
        return calls.answered(() ->
                calls.models()
                        .listAliases(
                                ListAliasesRequest.newBuilder()
                                        .setModel(model.toString())
                                        .build()));
    }

    GetChallengeResponse challenge() throws LeaseException {
        return calls.answered(
                () -> calls.release().getChallenge(GetChallengeRequest.getDefaultInstance()));
    }

    RequestLeaseResponse lease(RequestLeaseRequest request) throws LeaseException {
        return calls.answered(() -> calls.release().requestLease(request));
    }

    RenewLeaseResponse renew(RenewLeaseRequest request) throws LeaseException {
        return calls.answered(() -> calls.release().renewLease(request));
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
        return calls.answered(() ->
                calls.release()
                        .reportZeroisation(
                                ReportZeroisationRequest.newBuilder()
                                        .setModel(model.toString())
                                        .setStatement(ByteString.copyFrom(statement))
                                        .setTlsSpki(ByteString.copyFrom(tlsSpki))
                                        .build())
                        .getProof()
                        .getLeafIndex());
    }

    /** Reports the commitment to a mark; the proof is not verified. */
    InclusionProof commitFingerprint(ModelName model, byte[] statement, byte[] tlsSpki)
            throws LeaseException {
        return calls.answered(() ->
                calls.release()
                        .commitFingerprint(
                                CommitFingerprintRequest.newBuilder()
                                        .setModel(model.toString())
                                        .setStatement(ByteString.copyFrom(statement))
                                        .setTlsSpki(ByteString.copyFrom(tlsSpki))
                                        .build())
                        .getProof());
    }

    /** What a node's guards say to the vault. */
    public GuardCalls guards() {
        return new GuardCalls(calls);
    }

    /** How a version is sealed anew. */
    public ResealCalls reseals() {
        return new ResealCalls(calls);
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

    /**
     * Sealed bytes of one file of this seal, from an offset to the end, chunk by chunk. An
     * interrupt ends it, and so does what the sink throws.
     */
    public void fetch(VerifiedManifest manifest, int fileIndex, long offset, ChunkSink sink)
            throws LeaseException, IOException {
        ContentStatement content = manifest.content();
        var call = Context.current().withCancellation();
        Context before = call.attach();
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
            throw calls.refused(e);
        } finally {
            call.detachAndCancel(before, null);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}

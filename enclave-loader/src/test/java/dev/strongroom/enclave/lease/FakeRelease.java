package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.FingerprintCommitment;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.proto.v1.BeginResealRequest;
import dev.strongroom.proto.v1.BeginResealResponse;
import dev.strongroom.proto.v1.CommitFingerprintRequest;
import dev.strongroom.proto.v1.CommitFingerprintResponse;
import dev.strongroom.proto.v1.CommitResealRequest;
import dev.strongroom.proto.v1.CommitResealResponse;
import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.ReleaseGrpc.ReleaseImplBase;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.RenewLeaseResponse;
import dev.strongroom.proto.v1.ReportZeroisationRequest;
import dev.strongroom.proto.v1.ReportZeroisationResponse;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.proto.v1.UploadObjectRequest;
import dev.strongroom.proto.v1.UploadObjectResponse;
import dev.strongroom.proto.v1.WatchLeaseRequest;
import dev.strongroom.proto.v1.WatchLeaseResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.security.SignatureException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a {@link FakeVault} gives leases, tells of them, and takes new seals. */
final class FakeRelease extends ReleaseImplBase {
    private final FakeVault vault;

    private byte[] nonce = new byte[0];

    FakeRelease(FakeVault vault) {
        this.vault = vault;
    }

    @Override
    public void getChallenge(
            GetChallengeRequest request, StreamObserver<GetChallengeResponse> observer) {
        nonce = new byte[Transcript.NONCE_BYTES];
        vault.random.nextBytes(nonce);
        try {
            observer.onNext(
                    vault.onChallenge
                            .apply(
                                    GetChallengeResponse.newBuilder()
                                            .setNonce(ByteString.copyFrom(nonce))
                                            .setVaultIdentity(
                                                    ByteString.copyFrom(
                                                            vault.identity
                                                                    .sign(
                                                                            P256.signer(
                                                                                    vault.ceremony))
                                                                    .encode())))
                            .build());
            observer.onCompleted();
        } catch (SignatureException e) {
            observer.onError(e);
        }
    }

    @Override
    public void requestLease(
            RequestLeaseRequest request, StreamObserver<RequestLeaseResponse> observer) {
        try {
            var policies =
                    Version.verify(
                                    vault.version(),
                                    vault.ownerId(),
                                    FakeVault.MODEL,
                                    0,
                                    new NodeMemory(Files.createTempDirectory("fake")),
                                    vault.verifier(),
                                    FakeVault.NOW)
                            .references();
            vault.nodeNonce = request.getNodeNonce().toByteArray();
            var asked =
                    new Transcript(
                            Role.RELEASE,
                            nonce,
                            request.getKemSpki().toByteArray(),
                            request.getTlsSpki().toByteArray(),
                            vault.identity.signingKeyId(),
                            owners(request.getCoOwnersList()),
                            "acme",
                            vault.manifest.digest(),
                            policies,
                            Posture.BASE,
                            request.getBootId().toByteArray());
            var answer = vault.answer(asked, request.getLastCheckpointSize()).toBuilder();
            if (answer.getWrappedKey().isEmpty()) {
                answer.setWrappedKey(
                        ByteString.copyFrom(vault.wrapTo(request.getKemSpki().toByteArray())));
            }
            observer.onNext(answer.build());
            observer.onCompleted();
        } catch (Exception e) {
            observer.onError(Status.INTERNAL.withCause(e).asRuntimeException());
        }
    }

    private NodeOwners owners(List<ByteString> others) {
        return new NodeOwners(
                vault.ownerId(), others.stream().map(id -> Digest.of(id.toByteArray())).toList());
    }

    @Override
    public void renewLease(RenewLeaseRequest request, StreamObserver<RenewLeaseResponse> observer) {
        try {
            Lease before = vault.last.orElseThrow();
            vault.nodeNonce = request.getNodeNonce().toByteArray();
            var asked =
                    new Transcript(
                            Role.RENEW,
                            nonce,
                            new byte[0],
                            request.getTlsSpki().toByteArray(),
                            vault.identity.signingKeyId(),
                            owners(request.getCoOwnersList()),
                            "acme",
                            vault.manifest.digest(),
                            before.policies(),
                            Posture.BASE,
                            request.getBootId().toByteArray());
            var answer = vault.answer(asked, request.getLastCheckpointSize(), Optional.of(before));
            observer.onNext(
                    vault.onRenewal
                            .apply(
                                    RenewLeaseResponse.newBuilder()
                                            .setLease(answer.getLease())
                                            .setResultToken(answer.getResultToken())
                                            .setProof(answer.getProof())
                                            .addAllConsistency(answer.getConsistencyList())
                                            .addAllTlsChain(answer.getTlsChainList()))
                            .build());
            observer.onCompleted();
        } catch (Exception e) {
            observer.onError(Status.INTERNAL.withCause(e).asRuntimeException());
        }
    }

    @Override
    public void commitFingerprint(
            CommitFingerprintRequest request, StreamObserver<CommitFingerprintResponse> observer) {
        try {
            var said =
                    FingerprintCommitment.verify(
                            Dsse.decode(request.getStatement().toByteArray()),
                            request.getTlsSpki().toByteArray());
            long leaf =
                    vault.record(
                            AuditRecord.NODE_FINGERPRINTED,
                            Map.of(
                                    "version-id", said.versionId().hex(),
                                    "boot-id", HexFormat.of().formatHex(said.bootId()),
                                    "release", Long.toString(said.releaseLeaf()),
                                    "commitment", said.commitment().hex()));
            observer.onNext(
                    CommitFingerprintResponse.newBuilder()
                            .setProof(vault.onProof.apply(vault.proof(leaf)))
                            .build());
            observer.onCompleted();
        } catch (SealedFormatException | SignatureException e) {
            observer.onError(Status.INTERNAL.withCause(e).asRuntimeException());
        }
    }

    @Override
    public void watchLease(WatchLeaseRequest request, StreamObserver<WatchLeaseResponse> observer) {
        vault.streams.add(new FakeVault.Stream(request, observer));
    }

    @Override
    public void reportZeroisation(
            ReportZeroisationRequest request, StreamObserver<ReportZeroisationResponse> observer) {
        if (vault.reportsRefused.getAndDecrement() > 0) {
            observer.onError(Status.RESOURCE_EXHAUSTED.asRuntimeException());
            return;
        }
        vault.reported.add(request);
        observer.onNext(ReportZeroisationResponse.getDefaultInstance());
        observer.onCompleted();
    }

    @Override
    public void beginReseal(
            BeginResealRequest request, StreamObserver<BeginResealResponse> observer) {
        try {
            vault.begun = Optional.of(Manifest.decode(request.getManifest().toByteArray()));
        } catch (SealedFormatException e) {
            observer.onError(Status.INTERNAL.withCause(e).asRuntimeException());
            return;
        }
        var answer = BeginResealResponse.newBuilder();
        vault.resealed.clear();
        for (int i = 0; i < vault.sealed.size(); i++) {
            vault.resealed.add(new ByteArrayOutputStream());
            answer.addDurableBytes(0);
        }
        observer.onNext(answer.build());
        observer.onCompleted();
    }

    @Override
    public StreamObserver<UploadObjectRequest> uploadResealed(
            StreamObserver<UploadObjectResponse> observer) {
        return new StreamObserver<>() {
            private int file;

            @Override
            public void onNext(UploadObjectRequest part) {
                if (part.hasHeader()) {
                    file = part.getHeader().getFileIndex();
                } else {
                    vault.resealed.get(file).writeBytes(part.getChunk().toByteArray());
                }
            }

            @Override
            public void onError(Throwable cancelled) {}

            @Override
            public void onCompleted() {
                observer.onNext(UploadObjectResponse.getDefaultInstance());
                observer.onCompleted();
            }
        };
    }

    @Override
    public void commitReseal(
            CommitResealRequest request, StreamObserver<CommitResealResponse> observer) {
        vault.importCiphertext = request.getImportCiphertext().toByteArray();
        observer.onNext(CommitResealResponse.newBuilder().setNumber(7).build());
        observer.onCompleted();
    }
}

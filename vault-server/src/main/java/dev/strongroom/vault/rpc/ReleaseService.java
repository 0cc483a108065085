package dev.strongroom.vault.rpc;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.BeginResealRequest;
import dev.strongroom.proto.v1.BeginResealResponse;
import dev.strongroom.proto.v1.CommitFingerprintRequest;
import dev.strongroom.proto.v1.CommitFingerprintResponse;
import dev.strongroom.proto.v1.CommitResealRequest;
import dev.strongroom.proto.v1.CommitResealResponse;
import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.GetResultTokenRequest;
import dev.strongroom.proto.v1.GetResultTokenResponse;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.ReleaseGrpc;
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
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.release.LeaseDecision;
import dev.strongroom.vault.release.LeaseDecision.Granted;
import dev.strongroom.vault.release.LeaseDesk;
import dev.strongroom.vault.release.NodeRequest;
import dev.strongroom.vault.release.ResultOffice;
import dev.strongroom.vault.reseal.ResealDesk;
import dev.strongroom.vault.reseal.SealSwap;
import dev.strongroom.vault.watch.FingerprintDesk;
import dev.strongroom.vault.watch.LeaseWatches;
import dev.strongroom.vault.watch.ZeroisationDesk;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;

/** {@code strongroom.v1.Release}: evidence in; lease, new seal or refusal out. */
final class ReleaseService extends ReleaseGrpc.ReleaseImplBase {
    private static final int MAX_IMPORT_BYTES = 1024; // RSA-3072 makes 384

    private static final int MAX_STATEMENT_BYTES = 3 * 1024;

    private final LeaseDesk leases;
    private final ResultOffice results;
    private final LeaseWatches watches;
    private final ZeroisationDesk zeroisations;
    private final FingerprintDesk fingerprints;
    private final ResealDesk reseals;
    private final SealSwap swap;
    private final AuditLog log;
    private final OwnKeys ownKeys;

    ReleaseService(
            LeaseDesk leases,
            ResultOffice results,
            LeaseWatches watches,
            ZeroisationDesk zeroisations,
            FingerprintDesk fingerprints,
            ResealDesk reseals,
            SealSwap swap,
            AuditLog log,
            OwnKeys ownKeys) {
        this.leases = leases;
        this.results = results;
        this.watches = watches;
        this.zeroisations = zeroisations;
        this.fingerprints = fingerprints;
        this.reseals = reseals;
        this.swap = swap;
        this.log = log;
        this.ownKeys = ownKeys;
    }

    @Override
    public void getChallenge(
            GetChallengeRequest request, StreamObserver<GetChallengeResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var issued = leases.challenge(Principal.current());
                    return GetChallengeResponse.newBuilder()
                            .setNonce(Messages.bytes(issued.nonce()))
                            .setNotAfterMillis(issued.notAfter().toEpochMilli())
                            .setVaultIdentity(Messages.bytes(ownKeys.envelope()))
                            .build();
                });
    }

    @Override
    public void requestLease(
            RequestLeaseRequest request, StreamObserver<RequestLeaseResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    NodeRequest asked = Messages.leaseRequest(request);
                    return switch (leases.decide(Principal.current(), asked)) {
                        case LeaseDecision.Released(Granted granted, byte[] key) ->
                                released(granted, key);
                        case LeaseDecision.Renewed _ -> throw new IllegalStateException("renewed");
                        case LeaseDecision.Refused refused -> throw refusal(refused);
                    };
                });
    }

    private static RequestLeaseResponse released(Granted granted, byte[] wrappedKey) {
        return RequestLeaseResponse.newBuilder()
                .setLease(Messages.bytes(granted.lease()))
                .setResultToken(granted.resultToken())
                .setWrappedKey(Messages.bytes(wrappedKey))
                .setProof(Messages.proof(granted.proof()))
                .addAllConsistency(Messages.hashes(granted.consistency()))
                .addAllTlsChain(Messages.chain(granted.tlsChain()))
                .build();
    }

    @Override
    public void renewLease(RenewLeaseRequest request, StreamObserver<RenewLeaseResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    NodeRequest asked = Messages.renewalRequest(request);
                    return switch (leases.decide(Principal.current(), asked)) {
                        case LeaseDecision.Renewed(Granted granted) -> renewed(granted, asked);
                        case LeaseDecision.Released _ ->
                                throw new IllegalStateException("released");
                        case LeaseDecision.Refused refused -> throw refusal(refused);
                    };
                });
    }

    private RenewLeaseResponse renewed(Granted granted, NodeRequest asked) throws RefusedException {
        List<byte[]> orders = watches.orders(asked.bootId(), asked.nodeNonce(), asked.model());
        return RenewLeaseResponse.newBuilder()
                .addAllOrders(orders.stream().map(Messages::bytes).toList())
                .setLease(Messages.bytes(granted.lease()))
                .setResultToken(granted.resultToken())
                .setProof(Messages.proof(granted.proof()))
                .addAllConsistency(Messages.hashes(granted.consistency()))
                .addAllTlsChain(Messages.chain(granted.tlsChain()))
                .build();
    }

    private static RefusedException refusal(LeaseDecision.Refused refused) {
        String what = refused.reason() == Reason.RELEASE_REFUSED ? "release" : "renewal";
        return new RefusedException(
                refused.reason(),
                what + " refused by " + refused.rule() + ": " + refused.why(),
                Map.of(
                        "rule",
                        refused.rule(),
                        "audit-leaf",
                        Long.toString(refused.receipt().leafIndex())));
    }

    @Override
    public void getResultToken(
            GetResultTokenRequest request, StreamObserver<GetResultTokenResponse> observer) {
        Answers.one(
                observer,
                () ->
                        GetResultTokenResponse.newBuilder()
                                .setResultToken(
                                        results.token(
                                                Principal.current(),
                                                Messages.model(request.getModel()),
                                                Messages.bootId(request.getBootId())))
                                .build());
    }

    @Override
    public void watchLease(WatchLeaseRequest request, StreamObserver<WatchLeaseResponse> observer) {
        var line =
                new WatchLine(
                        (ServerCallStreamObserver<WatchLeaseResponse>) observer,
                        ownKeys.envelope());
        try {
            watches.open(
                    Principal.current(),
                    Messages.bootId(request.getBootId()),
                    Messages.stream(request.getStream()),
                    line);
        } catch (RefusedException e) {
            observer.onError(e);
        }
    }

    /** Takes a statement of a node's and answers with its leaf. */
    @FunctionalInterface
    private interface StatementDesk {
        long take(Principal caller, ModelName model, byte[] statement, byte[] tlsSpki)
                throws RefusedException;
    }

    private InclusionProof recorded(
            StatementDesk desk, String model, ByteString statement, ByteString tlsSpki)
            throws Exception {
        long leaf =
                desk.take(
                        Principal.current(),
                        Messages.model(model),
                        Messages.limited("statement", statement, MAX_STATEMENT_BYTES),
                        Messages.tlsSpki(tlsSpki));
        return Messages.proof(log.prove(leaf, WitnessQuorum.NONE));
    }

    @Override
    public void reportZeroisation(
            ReportZeroisationRequest request, StreamObserver<ReportZeroisationResponse> observer) {
        Answers.one(
                observer,
                () ->
                        ReportZeroisationResponse.newBuilder()
                                .setProof(
                                        recorded(
                                                zeroisations::report,
                                                request.getModel(),
                                                request.getStatement(),
                                                request.getTlsSpki()))
                                .build());
    }

    @Override
    public void commitFingerprint(
            CommitFingerprintRequest request, StreamObserver<CommitFingerprintResponse> observer) {
        Answers.one(
                observer,
                () ->
                        CommitFingerprintResponse.newBuilder()
                                .setProof(
                                        recorded(
                                                fingerprints::commit,
                                                request.getModel(),
                                                request.getStatement(),
                                                request.getTlsSpki()))
                                .build());
    }

    @Override
    public void beginReseal(
            BeginResealRequest request, StreamObserver<BeginResealResponse> observer) {
        Answers.one(
                observer,
                () ->
                        BeginResealResponse.newBuilder()
                                .addAllDurableBytes(
                                        reseals.begin(
                                                Principal.current(),
                                                Messages.limited(
                                                        "manifest",
                                                        request.getManifest(),
                                                        Manifest.MAX_BYTES)))
                                .build());
    }

    @Override
    public StreamObserver<UploadObjectRequest> uploadResealed(
            StreamObserver<UploadObjectResponse> observer) {
        return new UploadCall(reseals::upload, observer);
    }

    @Override
    public void commitReseal(
            CommitResealRequest request, StreamObserver<CommitResealResponse> observer) {
        Answers.one(observer, () -> commit(request));
    }

    private CommitResealResponse commit(CommitResealRequest request) throws Exception {
        SealSwap.Swapped swapped =
                swap.commit(
                        Principal.current(),
                        Messages.model(request.getModel()),
                        Messages.version(request.getVersionId()),
                        Messages.digest("manifest digest", request.getManifestDigest()),
                        Messages.limited(
                                "import ciphertext",
                                request.getImportCiphertext(),
                                MAX_IMPORT_BYTES));
        return CommitResealResponse.newBuilder()
                .setNumber(swapped.number())
                .setKekVersion(swapped.kekVersion())
                .setTrustLevel(swapped.level().name())
                .setProof(Messages.proof(log.prove(swapped.leaf())))
                .build();
    }
}

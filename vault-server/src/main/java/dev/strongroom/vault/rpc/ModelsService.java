package dev.strongroom.vault.rpc;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.v1.BeginVersionRequest;
import dev.strongroom.proto.v1.BeginVersionResponse;
import dev.strongroom.proto.v1.CommitVersionRequest;
import dev.strongroom.proto.v1.CommitVersionResponse;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.FetchObjectResponse;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import dev.strongroom.proto.v1.GetPoliciesResponse;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.ListAliasesRequest;
import dev.strongroom.proto.v1.ListAliasesResponse;
import dev.strongroom.proto.v1.ListModelsRequest;
import dev.strongroom.proto.v1.ListModelsResponse;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.MoveAliasRequest;
import dev.strongroom.proto.v1.MoveAliasResponse;
import dev.strongroom.proto.v1.Policies;
import dev.strongroom.proto.v1.PolicyRevision;
import dev.strongroom.proto.v1.SetPolicyRequest;
import dev.strongroom.proto.v1.SetPolicyResponse;
import dev.strongroom.proto.v1.UploadObjectRequest;
import dev.strongroom.proto.v1.UploadObjectResponse;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.catalog.PolicyTable.Revision;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.catalog.VersionTable.Listed;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.publish.AliasDesk;
import dev.strongroom.vault.publish.Committer;
import dev.strongroom.vault.publish.PoliciesInForce;
import dev.strongroom.vault.publish.PolicyDesk;
import dev.strongroom.vault.publish.Publisher;
import dev.strongroom.vault.publish.Versions;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.store.ObjectStore;
import dev.strongroom.vault.store.SealedObject;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** {@code strongroom.v1.Models}: sealed versions and signed policies, in and out. */
final class ModelsService extends ModelsGrpc.ModelsImplBase {
    private static final int MAX_IMPORT_BYTES = 1024; // RSA-3072 makes 384

    private final Publisher publisher;
    private final Committer committer;
    private final Versions versions;
    private final PolicyDesk policyDesk;
    private final PoliciesInForce policies;
    private final AliasDesk aliases;
    private final ObjectStore store;
    private final AuditLog log;

    ModelsService(
            Publisher publisher,
            Committer committer,
            Versions versions,
            PolicyDesk policyDesk,
            PoliciesInForce policies,
            AliasDesk aliases,
            ObjectStore store,
            AuditLog log) {
        this.publisher = publisher;
        this.committer = committer;
        this.versions = versions;
        this.policyDesk = policyDesk;
        this.policies = policies;
        this.aliases = aliases;
        this.store = store;
        this.log = log;
    }

    @Override
    public void beginVersion(
            BeginVersionRequest request, StreamObserver<BeginVersionResponse> observer) {
        Answers.one(
                observer,
                () ->
                        BeginVersionResponse.newBuilder()
                                .addAllDurableBytes(
                                        publisher.begin(
                                                Principal.current(),
                                                Messages.limited(
                                                        "manifest",
                                                        request.getManifest(),
                                                        Manifest.MAX_BYTES)))
                                .build());
    }

    @Override
    public StreamObserver<UploadObjectRequest> uploadObject(
            StreamObserver<UploadObjectResponse> observer) {
        return new UploadCall(publisher::upload, observer);
    }

    @Override
    public void commitVersion(
            CommitVersionRequest request, StreamObserver<CommitVersionResponse> observer) {
        Answers.one(observer, () -> commit(request));
    }

    private CommitVersionResponse commit(CommitVersionRequest request) throws Exception {
        Committer.Committed committed =
                committer.commit(
                        Principal.current(),
                        Messages.model(request.getModel()),
                        Messages.version(request.getVersionId()),
                        Messages.limited(
                                "import ciphertext",
                                request.getImportCiphertext(),
                                MAX_IMPORT_BYTES),
                        trustLevel(request.getRequiredTrustLevel()));
        return CommitVersionResponse.newBuilder()
                .setNumber(committed.number())
                .setManifestDigest(Messages.bytes(committed.manifestDigest().bytes()))
                .setCountersignature(Messages.bytes(committed.countersignature()))
                .setProof(Messages.proof(log.prove(committed.auditLeaf())))
                .setKekVersion(committed.kekVersion())
                .setTrustLevel(committed.level().name())
                .build();
    }

    private static Optional<TrustLevel> trustLevel(int number) throws RefusedException {
        try {
            return number == 0 ? Optional.empty() : Optional.of(TrustLevel.ofNumber(number));
        } catch (IllegalArgumentException e) {
            throw Messages.malformed("required trust level: expected 0 to 4");
        }
    }

    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    var response = ListModelsResponse.newBuilder();
                    versions.list(ownTenant())
                            .forEach(listed -> response.addVersions(line(listed)));
                    return response.build();
                });
    }

    private static ListModelsResponse.Version line(Listed listed) {
        Version version = listed.version();
        return ListModelsResponse.Version.newBuilder()
                .setModel(version.model().toString())
                .setNumber(version.number())
                .setVersionId(Messages.bytes(version.id().bytes()))
                .setManifestDigest(Messages.bytes(version.manifestDigest().bytes()))
                .setSealedBytes(version.sealedBytes())
                .setKekVersion(listed.kekVersion())
                .setCommittedAtMillis(listed.committedAt().toEpochMilli())
                .build();
    }

    /** SQL pattern of the tenants whose data the caller may see. */
    static String ownTenant() {
        Principal caller = Principal.current();
        return caller.isWholeVault() ? "%" : caller.tenant();
    }

    @Override
    public void getVersion(GetVersionRequest request, StreamObserver<GetVersionResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    Version version = find(request.getVersion());
                    return GetVersionResponse.newBuilder()
                            .setManifest(Messages.bytes(version.manifest()))
                            .setNumber(version.number())
                            .setPolicies(policiesOf(version.model()))
                            .build();
                });
    }

    private Version find(VersionReference reference) throws RefusedException {
        ModelName model = Messages.model(reference.getModel());
        Optional<Version> found =
                switch (reference.getVersionCase()) {
                    case NUMBER ->
                            versions.findCommitted(h ->
                                    VersionTable.findCommitted(h, model, reference.getNumber()));
                    case VERSION_ID -> {
                        var id = Messages.version(reference.getVersionId());
                        yield versions.findCommitted(h -> VersionTable.find(h, model, id));
                    }
                    case VERSION_NOT_SET ->
                            throw Messages.malformed("version: expected a number or an id");
                };
        return found.orElseThrow(() ->
                new RefusedException(
                        Reason.VERSION_NOT_FOUND,
                        "no such version of "
                                + model
                                + "; list what there is with: strongroom model list"));
    }

    @Override
    public void fetchObject(
            FetchObjectRequest request, StreamObserver<FetchObjectResponse> observer) {
        Answers.stream(observer, () -> open(request));
    }

    private static Optional<Digest> seal(FetchObjectRequest request) throws RefusedException {
        return request.getManifestDigest().isEmpty()
                ? Optional.empty()
                : Optional.of(Messages.digest("manifest digest", request.getManifestDigest()));
    }

    private ObjectSource open(FetchObjectRequest request) throws RefusedException, IOException {
        SealedObject object =
                publisher.object(
                        Messages.model(request.getModel()),
                        Messages.version(request.getVersionId()),
                        request.getFileIndex(),
                        seal(request));
        if (request.getOffset() < 0 || request.getOffset() > object.bytes()) {
            throw Messages.malformed("offset: expected 0 to " + object.bytes());
        }
        return new ObjectSource(store.read(object.tenant(), object.digest(), request.getOffset()));
    }

    @Override
    public void setPolicy(SetPolicyRequest request, StreamObserver<SetPolicyResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    byte[] document =
                            Messages.limited("policy", request.getDocument(), Dsse.MAX_BYTES);
                    var receipt = policyDesk.set(Principal.current(), document);
                    return SetPolicyResponse.newBuilder()
                            .setProof(Messages.proof(log.prove(receipt.leafIndex())))
                            .build();
                });
    }

    @Override
    public void getPolicies(
            GetPoliciesRequest request, StreamObserver<GetPoliciesResponse> observer) {
        Answers.one(
                observer,
                () ->
                        GetPoliciesResponse.newBuilder()
                                .setPolicies(policiesOf(Messages.model(request.getModel())))
                                .build());
    }

    @Override
    public void moveAlias(MoveAliasRequest request, StreamObserver<MoveAliasResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    byte[] move = Messages.limited("alias", request.getMove(), AliasMove.MAX_BYTES);
                    var receipt = aliases.move(Principal.current(), move);
                    return MoveAliasResponse.newBuilder()
                            .setProof(Messages.proof(log.prove(receipt.leafIndex())))
                            .build();
                });
    }

    @Override
    public void listAliases(
            ListAliasesRequest request, StreamObserver<ListAliasesResponse> observer) {
        Answers.one(
                observer,
                () ->
                        listed(
                                aliases.list(
                                        Principal.current(), Messages.model(request.getModel()))));
    }

    private static ListAliasesResponse listed(AliasDesk.OfModel all) {
        var answer = ListAliasesResponse.newBuilder().setOwnerSpki(Messages.bytes(all.ownerSpki()));
        for (AliasDesk.Listed alias : all.aliases()) {
            answer.addAliases(
                    ListAliasesResponse.Alias.newBuilder()
                            .setMove(Messages.bytes(alias.envelope()))
                            .setNumber(alias.number())
                            .setMovedAtMillis(alias.movedAt().toEpochMilli()));
        }
        return answer.build();
    }

    /** As signed; whoever relies on them verifies them. A kind that was never set is empty. */
    private Policies policiesOf(ModelName model) throws RefusedException {
        var answer = Policies.newBuilder();
        List<Revision> release = policies.revisions(model, Kind.RELEASE);
        if (!release.isEmpty()) {
            answer.setRelease(Messages.bytes(release.getLast().envelope()))
                    .setReleaseApprovals(approvals(release.getLast()));
            for (Revision before : release.subList(0, release.size() - 1)) {
                answer.addReleaseBefore(
                        PolicyRevision.newBuilder()
                                .setEnvelope(Messages.bytes(before.envelope()))
                                .setApprovals(approvals(before)));
            }
        }
        List<Revision> output = policies.revisions(model, Kind.OUTPUT);
        if (!output.isEmpty()) {
            answer.setOutput(Messages.bytes(output.getLast().envelope()));
        }
        return answer.build();
    }

    private static ByteString approvals(Revision revision) {
        return revision.approvals().map(Messages::bytes).orElse(ByteString.EMPTY);
    }
}

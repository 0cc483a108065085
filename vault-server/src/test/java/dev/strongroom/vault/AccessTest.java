package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.AdminOuterClass;
import dev.strongroom.proto.v1.ApprovalsGrpc;
import dev.strongroom.proto.v1.ApprovalsOuterClass;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.AuditOuterClass;
import dev.strongroom.proto.v1.BeginVersionRequest;
import dev.strongroom.proto.v1.DecoysGrpc;
import dev.strongroom.proto.v1.DecoysOuterClass;
import dev.strongroom.proto.v1.GetCheckpointRequest;
import dev.strongroom.proto.v1.GetInclusionProofRequest;
import dev.strongroom.proto.v1.Guard;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.KeysOuterClass;
import dev.strongroom.proto.v1.ListLeavesRequest;
import dev.strongroom.proto.v1.ListModelsRequest;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.ModelsOuterClass;
import dev.strongroom.proto.v1.OwnKeysGrpc;
import dev.strongroom.proto.v1.OwnKeysOuterClass;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.ReleaseOuterClass;
import dev.strongroom.proto.v1.RevocationTarget;
import dev.strongroom.proto.v1.RevokeRequest;
import dev.strongroom.proto.v1.SetPolicyRequest;
import dev.strongroom.proto.v1.UploadObjectRequest;
import dev.strongroom.proto.v1.UploadObjectResponse;
import dev.strongroom.testkit.rpc.AnyRpc;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.refusal.Reason;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Default deny, over real TLS: every RPC of every service, enumerated from the descriptors. */
class AccessTest {
    /** Who may call what; written down a second time on purpose. */
    private static final Map<String, String> ALLOWED =
            Map.ofEntries(
                    Map.entry("Models/BeginVersion", "owner"),
                    Map.entry("Models/UploadObject", "owner"),
                    Map.entry("Models/CommitVersion", "owner"),
                    Map.entry("Models/ListModels", "owner operator node consumer auditor"),
                    Map.entry("Models/GetVersion", "owner operator node consumer auditor"),
                    Map.entry("Models/FetchObject", "owner node"),
                    Map.entry("Models/SetPolicy", "owner"),
                    Map.entry("Models/GetPolicies", "owner operator node consumer auditor"),
                    Map.entry("Models/MoveAlias", "owner"),
                    Map.entry("Models/ListAliases", "owner operator node consumer auditor"),
                    Map.entry("Keys/GetImportCertificate", "owner operator node"),
                    Map.entry("Keys/GetKeyStatus", "owner operator auditor"),
                    Map.entry("Keys/RotateKek", "owner operator"),
                    Map.entry("Keys/PlanRotateKek", "owner operator"),
                    Map.entry("Keys/GetRotation", "owner operator auditor"),
                    Map.entry("Keys/PauseRotation", "owner operator"),
                    Map.entry("Keys/PlanPauseRotation", "owner operator"),
                    Map.entry("Keys/ResumeRotation", "owner operator"),
                    Map.entry("Keys/PlanResumeRotation", "owner operator"),
                    Map.entry("Keys/RetireKek", "owner operator"),
                    Map.entry("Keys/PlanRetireKek", "owner operator"),
                    Map.entry("Keys/DestroyKek", "owner operator"),
                    Map.entry("Keys/PlanDestroyKek", "owner operator"),
                    Map.entry("Keys/RotateImportKey", "owner operator"),
                    Map.entry("Keys/PlanRotateImportKey", "owner operator"),
                    Map.entry("Admin/CreateBackup", "operator"),
                    Map.entry("Admin/ListBackups", "operator"),
                    Map.entry("Keys/RecoverToken", "operator"),
                    Map.entry("OwnKeys/ListOwnKeys", "operator auditor"),
                    Map.entry("OwnKeys/RotateOwnKey", "operator"),
                    Map.entry("OwnKeys/RetireOwnKey", "operator"),
                    Map.entry("OwnKeys/PlanRetireOwnKey", "operator"),
                    Map.entry("Release/GetChallenge", "node"),
                    Map.entry("Release/RequestLease", "node"),
                    Map.entry("Release/RenewLease", "node"),
                    Map.entry("Release/GetResultToken", "owner operator node consumer auditor"),
                    Map.entry("Release/WatchLease", "node"),
                    Map.entry("Release/ReportZeroisation", "node"),
                    Map.entry("Release/CommitFingerprint", "node"),
                    Map.entry("Admin/Revoke", "owner operator"),
                    Map.entry("Admin/PlanRevoke", "owner operator"),
                    Map.entry("Admin/LiftRevocation", "owner operator"),
                    Map.entry("Admin/ListRevocations", "owner operator auditor"),
                    Map.entry("Release/BeginReseal", "node"),
                    Map.entry("Release/UploadResealed", "node"),
                    Map.entry("Release/CommitReseal", "node"),
                    Map.entry("Audit/GetCheckpoint", "owner operator node consumer auditor"),
                    Map.entry("Audit/GetInclusionProof", "owner operator node consumer auditor"),
                    Map.entry("Audit/GetConsistencyProof", "owner operator node consumer auditor"),
                    Map.entry("Audit/ListLeaves", "owner operator auditor"),
                    Map.entry("Approvals/RequestApproval", "owner operator"),
                    Map.entry("Approvals/ListApprovals", "owner operator auditor"),
                    Map.entry("Approvals/GetApproval", "owner operator auditor"),
                    Map.entry("Approvals/Approve", "owner operator"),
                    Map.entry("Approvals/Reject", "owner operator"),
                    Map.entry("Admin/GetVaultIdentity", "owner operator node consumer auditor"),
                    Map.entry("Guards/TakeRows", "node"),
                    Map.entry("Guards/SaveGuardState", "node"),
                    Map.entry("Guards/GetGuardState", "node"),
                    Map.entry("Guards/ReportRefusedKey", "node"),
                    Map.entry("Guards/Tighten", "owner operator"),
                    Map.entry("Guards/Loosen", "owner operator"),
                    Map.entry("Guards/ListMeasures", "owner operator auditor"),
                    Map.entry("Decoys/PlantDecoy", "operator"),
                    Map.entry("Decoys/ListDecoys", "operator"),
                    Map.entry("Decoys/RemoveDecoy", "operator"),
                    Map.entry("Decoys/ListQuarantines", "operator"),
                    Map.entry("Decoys/LiftQuarantine", "operator"),
                    Map.entry("Admin/CreateTenant", "operator"),
                    Map.entry("Admin/IssueCertificate", "operator"),
                    Map.entry("Admin/WithdrawIdentity", "operator"),
                    Map.entry("Admin/PlanWithdrawIdentity", "operator"),
                    Map.entry("Admin/ListIdentities", "operator"));

    /** RPCs that name a tenant, by the path of the field; the rest shows only the caller's own. */
    private static final Map<String, String> TENANT_FIELD =
            Map.ofEntries(
                    Map.entry("Models/UploadObject", "header.model"),
                    Map.entry("Models/CommitVersion", "model"),
                    Map.entry("Models/GetVersion", "version.model"),
                    Map.entry("Models/FetchObject", "model"),
                    Map.entry("Models/GetPolicies", "model"),
                    Map.entry("Models/ListAliases", "model"),
                    Map.entry("Keys/GetImportCertificate", "tenant"),
                    Map.entry("Keys/GetKeyStatus", "tenant"),
                    Map.entry("Keys/RotateKek", "tenant"),
                    Map.entry("Keys/PlanRotateKek", "tenant"),
                    Map.entry("Keys/GetRotation", "tenant"),
                    Map.entry("Keys/PauseRotation", "tenant"),
                    Map.entry("Keys/PlanPauseRotation", "tenant"),
                    Map.entry("Keys/ResumeRotation", "tenant"),
                    Map.entry("Keys/PlanResumeRotation", "tenant"),
                    Map.entry("Keys/RetireKek", "tenant"),
                    Map.entry("Keys/PlanRetireKek", "tenant"),
                    Map.entry("Keys/DestroyKek", "tenant"),
                    Map.entry("Keys/PlanDestroyKek", "tenant"),
                    Map.entry("Keys/RotateImportKey", "tenant"),
                    Map.entry("Keys/PlanRotateImportKey", "tenant"),
                    Map.entry("Release/RequestLease", "model"),
                    Map.entry("Release/RenewLease", "model"),
                    Map.entry("Release/GetResultToken", "model"),
                    Map.entry("Release/WatchLease", "model"),
                    Map.entry("Release/ReportZeroisation", "model"),
                    Map.entry("Release/CommitFingerprint", "model"),
                    Map.entry("Release/UploadResealed", "header.model"),
                    Map.entry("Guards/TakeRows", "model"),
                    Map.entry("Guards/SaveGuardState", "model"),
                    Map.entry("Guards/GetGuardState", "model"),
                    Map.entry("Guards/ReportRefusedKey", "model"),
                    Map.entry("Guards/Tighten", "subject.model"),
                    Map.entry("Guards/Loosen", "subject.model"),
                    Map.entry("Release/CommitReseal", "model"));

    private static final UnknownFieldSet MORE =
            UnknownFieldSet.newBuilder()
                    .addField(999, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                    .build();

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner acme;
    private static final Map<AccessRole, ManagedChannel> CALLERS = new EnumMap<>(AccessRole.class);
    private static ManagedChannel expired;
    private static ManagedChannel anonymous;
    private static ManagedChannel server;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        TestVault.OwnCas own =
                vault.certificates(new Principal("acme", AccessRole.OWNER, "too-late"));
        acme = vault.tenant("acme");
        TestOwner other = vault.tenant("other");
        acme.setPolicies("bert");
        acme.push(acme.seal("bert", new byte[10]));
        for (AccessRole role : AccessRole.values()) {
            TestIdentity identity =
                    role == AccessRole.OPERATOR
                            ? vault.operator
                            : vault.issue(other.tenant, role.label());
            CALLERS.put(role, vault.connect(identity));
        }
        expired = vault.connect(own.expired());
        anonymous =
                NettyChannelBuilder.forTarget(vault.address())
                        .sslContext(
                                GrpcSslContexts.forClient()
                                        .trustManager(vault.operator.ca())
                                        .build())
                        .build();
        server = vault.connect(own.server());
    }

    @AfterAll
    static void stop() {
        anonymous.shutdownNow();
        vault.close();
    }

    static Stream<AnyRpc> rpcs() {
        return AnyRpc.of(
                List.of(
                        ModelsGrpc.getServiceDescriptor(),
                        KeysGrpc.getServiceDescriptor(),
                        ReleaseGrpc.getServiceDescriptor(),
                        AuditGrpc.getServiceDescriptor(),
                        ApprovalsGrpc.getServiceDescriptor(),
                        OwnKeysGrpc.getServiceDescriptor(),
                        GuardsGrpc.getServiceDescriptor(),
                        DecoysGrpc.getServiceDescriptor(),
                        AdminGrpc.getServiceDescriptor()));
    }

    @Test
    void knowsEveryServiceOfTheProtoFiles() {
        Set<String> inFiles =
                Stream.of(
                                ModelsOuterClass.getDescriptor(),
                                KeysOuterClass.getDescriptor(),
                                ReleaseOuterClass.getDescriptor(),
                                AuditOuterClass.getDescriptor(),
                                ApprovalsOuterClass.getDescriptor(),
                                OwnKeysOuterClass.getDescriptor(),
                                Guard.getDescriptor(),
                                DecoysOuterClass.getDescriptor(),
                                AdminOuterClass.getDescriptor())
                        .flatMap(file -> file.getServices().stream())
                        .flatMap(service -> service.getMethods().stream())
                        .map(m -> m.getService().getName() + "/" + m.getName())
                        .collect(Collectors.toSet());
        assertThat(rpcs().map(AnyRpc::name)).containsExactlyInAnyOrderElementsOf(inFiles);
        assertThat(ALLOWED.keySet()).isEqualTo(inFiles);
    }

    @ParameterizedTest
    @MethodSource("rpcs")
    void letsInExactlyTheRolesOfTheTable(AnyRpc rpc) {
        for (AccessRole role : AccessRole.values()) {
            boolean allowed = isAllowed(rpc, role);
            Message request = foreign(rpc);
            Throwable error = catchThrowable(() -> rpc.call(caller(role), request));
            if (allowed) {
                assertThat(reasonOf(error)).as("%s as %s", rpc, role).isNotEqualTo("ROLE_DENIED");
            } else {
                Refusal refusal = Refusal.of(() -> rpc.call(caller(role), request));
                refusal.isFor(Reason.ROLE_DENIED);
                assertThat(refusal.code()).isEqualTo(Status.Code.PERMISSION_DENIED);
            }
        }
    }

    /** Names what is not there: the role is to decide, and nothing is to change. */
    private static Message foreign(AnyRpc rpc) {
        String field = TENANT_FIELD.get(rpc.name());
        return field == null ? rpc.empty() : rpc.request(field, "other/x");
    }

    /** Asking what would come of something is for those who may do it, in the same words. */
    @Test
    void plansAreForWhomTheActsAreFor() {
        Map<String, AnyRpc> all = rpcs().collect(Collectors.toMap(AnyRpc::name, rpc -> rpc));
        List<AnyRpc> plans = rpcs().filter(rpc -> rpc.name().matches(".*/Plan[A-Z].*")).toList();
        assertThat(plans).hasSize(9);
        for (AnyRpc plan : plans) {
            AnyRpc act = Objects.requireNonNull(all.get(plan.name().replace("/Plan", "/")));
            assertThat(plan.empty()).isEqualTo(act.empty());
            assertThat(ALLOWED.get(plan.name())).isEqualTo(ALLOWED.get(act.name()));
            assertThat(TENANT_FIELD.get(plan.name())).isEqualTo(TENANT_FIELD.get(act.name()));
        }
    }

    private static boolean isAllowed(AnyRpc rpc, AccessRole role) {
        return List.of(ALLOWED.getOrDefault(rpc.name(), "").split(" ")).contains(role.label());
    }

    private static ManagedChannel caller(AccessRole role) {
        return Objects.requireNonNull(CALLERS.get(role));
    }

    private static String reasonOf(Throwable error) {
        return error == null ? "" : Refusal.of(() -> rethrow(error)).info().getReason();
    }

    private static void rethrow(Throwable error) {
        throw (StatusRuntimeException) error;
    }

    @ParameterizedTest
    @MethodSource("rpcs")
    void refusesAnotherTenantsCertificate(AnyRpc rpc) {
        String field = TENANT_FIELD.get(rpc.name());
        if (field == null) {
            return; // shows the caller's own only: the tests below
        }
        String acmes = field.endsWith("model") ? "acme/bert" : "acme";
        for (AccessRole role : AccessRole.values()) {
            boolean allowed = isAllowed(rpc, role);
            if (allowed && role != AccessRole.OPERATOR) {
                Refusal.of(() -> rpc.call(caller(role), rpc.request(field, acmes)))
                        .isFor(Reason.TENANT_DENIED);
            }
        }
    }

    /** A field that a release before or after this one has, such as one that says not to act. */
    @ParameterizedTest
    @MethodSource("rpcs")
    void refusesARequestThatSaysMoreThanItUnderstands(AnyRpc rpc) {
        String field = TENANT_FIELD.getOrDefault(rpc.name(), "");
        String ofTheirs = field.endsWith("model") ? "other/x" : "other";
        Message known = field.isEmpty() ? rpc.empty() : rpc.request(field, ofTheirs);
        Message request = known.toBuilder().setUnknownFields(MORE).build();
        for (AccessRole role : AccessRole.values()) {
            if (isAllowed(rpc, role)) {
                Refusal.of(() -> rpc.call(caller(role), request))
                        .isFor(Reason.REQUEST_MALFORMED)
                        .saying("field 999 that this vault does not know");
            }
        }
    }

    @Test
    void refusesOneThatDoesSoInAMessageInside() {
        var target = RevocationTarget.newBuilder().setKind("model").setSubject("other/x");
        var request = RevokeRequest.newBuilder().setReason("leaked");
        var operator = AdminGrpc.newBlockingStub(caller(AccessRole.OPERATOR));
        Refusal.of(() -> operator.revoke(request.setTarget(target).build()))
                .isFor(Reason.VERSION_NOT_FOUND);
        target.setUnknownFields(MORE);
        Refusal.of(() -> operator.revoke(request.setTarget(target).build()))
                .isFor(Reason.REQUEST_MALFORMED);
    }

    @ParameterizedTest
    @MethodSource("rpcs")
    void refusesAnExpiredCertificate(AnyRpc rpc) {
        refusesAtTheDoor(rpc, expired);
    }

    @ParameterizedTest
    @MethodSource("rpcs")
    void refusesACallWithoutACertificate(AnyRpc rpc) {
        refusesAtTheDoor(rpc, anonymous);
    }

    @ParameterizedTest
    @MethodSource("rpcs")
    void refusesAServerCertificateAsAClients(AnyRpc rpc) {
        refusesAtTheDoor(rpc, server);
    }

    /** The TLS layer ends the connection: no service sees the call. */
    private static void refusesAtTheDoor(AnyRpc rpc, ManagedChannel channel) {
        Throwable error = catchThrowable(() -> rpc.call(channel, rpc.empty()));
        assertThat(error).isInstanceOf(StatusRuntimeException.class);
        assertThat(((StatusRuntimeException) error).getStatus().getCode())
                .isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void refusesSignedDocumentsOfAnotherTenant() {
        var models = ModelsGrpc.newBlockingStub(caller(AccessRole.OWNER));
        byte[] manifest = acme.seal("bert", new byte[5]).manifest().encode();
        Refusal.of(() ->
                        models.beginVersion(
                                BeginVersionRequest.newBuilder()
                                        .setManifest(ByteString.copyFrom(manifest))
                                        .build()))
                .isFor(Reason.MANIFEST_NOT_AUTHENTIC);
        byte[] policy = acme.sign(acme.policy(Kind.OUTPUT, "bert", 1, Optional.empty())).encode();
        Refusal.of(() ->
                        models.setPolicy(
                                SetPolicyRequest.newBuilder()
                                        .setDocument(ByteString.copyFrom(policy))
                                        .build()))
                .isFor(Reason.POLICY_NOT_AUTHENTIC);
    }

    /** What is refused in the middle of a call leaves nothing open behind it. */
    @Test
    void refusesAnUploadThatTurnsToAnotherTenantAndLetsItsFileGo() throws Exception {
        TestOwner.Sealed version = acme.seal("bert", new byte[10]);
        acme.begin(version);
        var ended = new CompletableFuture<UploadObjectResponse>();
        StreamObserver<UploadObjectRequest> call =
                ModelsGrpc.newStub(acme.channel()).uploadObject(new Ended(ended));
        call.onNext(header(version, "acme/bert"));
        call.onNext(header(version, "other/bert"));
        Refusal.of(() -> join(ended)).isFor(Reason.TENANT_DENIED);
        acme.push(version);
    }

    private static UploadObjectRequest header(TestOwner.Sealed version, String model) {
        return UploadObjectRequest.newBuilder()
                .setHeader(
                        UploadObjectRequest.Header.newBuilder()
                                .setModel(model)
                                .setVersionId(version.idBytes()))
                .build();
    }

    private static UploadObjectResponse join(CompletableFuture<UploadObjectResponse> ended)
            throws Throwable {
        try {
            return ended.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    private record Ended(CompletableFuture<UploadObjectResponse> ended)
            implements StreamObserver<UploadObjectResponse> {
        @Override
        public void onNext(UploadObjectResponse response) {
            ended.complete(response);
        }

        @Override
        public void onError(Throwable error) {
            ended.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {}
    }

    @Test
    void listsOnlyTheCallersOwn() {
        var request = ListModelsRequest.getDefaultInstance();
        assertThat(
                        ModelsGrpc.newBlockingStub(caller(AccessRole.OWNER))
                                .listModels(request)
                                .getVersionsList())
                .isEmpty();
        assertThat(
                        ModelsGrpc.newBlockingStub(caller(AccessRole.OPERATOR))
                                .listModels(request)
                                .getVersionsList())
                .hasSize(1);
    }

    @Test
    void showsLeavesOfAnotherTenantToNobodyButTheWholeVaults() throws Exception {
        var owner = AuditGrpc.newBlockingStub(caller(AccessRole.OWNER));
        var all = new ArrayList<Long>();
        AuditGrpc.newBlockingStub(caller(AccessRole.OPERATOR))
                .listLeaves(ListLeavesRequest.getDefaultInstance())
                .forEachRemaining(leaf -> all.add(leaf.getLeafIndex()));
        assertThat(all).hasSizeGreaterThan(5).isSorted();
        owner.listLeaves(ListLeavesRequest.getDefaultInstance())
                .forEachRemaining(leaf -> {
                    try {
                        assertThat(
                                        AuditRecord.decode(leaf.getLeaf().toByteArray())
                                                .fields()
                                                .toString())
                                .doesNotContain("acme");
                    } catch (SealedFormatException e) {
                        throw new AssertionError(e);
                    }
                });
        long theirs = vault.count("SELECT max(leaf_index) FROM audit_leaf WHERE tenant = 'acme'");
        Refusal.of(() ->
                        owner.getInclusionProof(
                                GetInclusionProofRequest.newBuilder().setLeafIndex(theirs).build()))
                .isFor(Reason.TENANT_DENIED);
    }

    @Test
    void saysWithEveryAnswerThatItIsSimulated() {
        var headers = new AtomicReference<Metadata>();
        AuditGrpc.newBlockingStub(
                        ClientInterceptors.intercept(
                                caller(AccessRole.AUDITOR),
                                MetadataUtils.newCaptureMetadataInterceptor(
                                        headers, new AtomicReference<>())))
                .getCheckpoint(GetCheckpointRequest.getDefaultInstance());
        assertThat(
                        Objects.requireNonNull(headers.get())
                                .get(
                                        Metadata.Key.of(
                                                "strongroom-tee",
                                                Metadata.ASCII_STRING_MARSHALLER)))
                .isEqualTo("simulated");
    }

    @Test
    void hasNoTenantThatStandsForTheWholeVault() {
        Refusal.of(() -> vault.tenant("-")).isFor(Reason.REQUEST_MALFORMED);
    }

    @Test
    void refusesAMessageOverTheLimit() {
        var models = ModelsGrpc.newBlockingStub(caller(AccessRole.OWNER));
        Throwable error =
                catchThrowable(() ->
                        models.beginVersion(
                                BeginVersionRequest.newBuilder()
                                        .setManifest(ByteString.copyFrom(new byte[1_200_000]))
                                        .build()));
        assertThat(((StatusRuntimeException) error).getStatus().getCode())
                .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void hasNoRouteButHealthAndMetrics() throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            assertThat(status(http, "GET", "/healthz")).isEqualTo(200);
            assertThat(status(http, "GET", "/metrics")).isEqualTo(200);
            for (String path : List.of("/", "/healthz/x", "/metrics/x", "/v1")) {
                assertThat(status(http, "GET", path)).as(path).isIn(404, 400);
            }
            for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH")) {
                assertThat(status(http, method, "/metrics")).as(method).isEqualTo(404);
            }
        }
    }

    private static int status(HttpClient http, String method, String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://" + vault.httpAddress() + path))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }
}

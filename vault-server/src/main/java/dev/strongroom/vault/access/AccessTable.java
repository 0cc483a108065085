package dev.strongroom.vault.access;

import static dev.strongroom.vault.access.AccessRole.AUDITOR;
import static dev.strongroom.vault.access.AccessRole.NODE;
import static dev.strongroom.vault.access.AccessRole.OPERATOR;
import static dev.strongroom.vault.access.AccessRole.OWNER;

import com.google.protobuf.Message;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.ApprovalsGrpc;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.CommitFingerprintRequest;
import dev.strongroom.proto.v1.CommitResealRequest;
import dev.strongroom.proto.v1.CommitVersionRequest;
import dev.strongroom.proto.v1.DecoysGrpc;
import dev.strongroom.proto.v1.DestroyKekRequest;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.GetGuardStateRequest;
import dev.strongroom.proto.v1.GetImportCertificateRequest;
import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import dev.strongroom.proto.v1.GetResultTokenRequest;
import dev.strongroom.proto.v1.GetRotationRequest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.ListAliasesRequest;
import dev.strongroom.proto.v1.LoosenRequest;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.OwnKeysGrpc;
import dev.strongroom.proto.v1.PauseRotationRequest;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.ReportRefusedKeyRequest;
import dev.strongroom.proto.v1.ReportZeroisationRequest;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.ResumeRotationRequest;
import dev.strongroom.proto.v1.RetireKekRequest;
import dev.strongroom.proto.v1.RotateImportKeyRequest;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.proto.v1.SaveGuardStateRequest;
import dev.strongroom.proto.v1.TakeRowsRequest;
import dev.strongroom.proto.v1.TightenRequest;
import dev.strongroom.proto.v1.UploadObjectRequest;
import dev.strongroom.proto.v1.WatchLeaseRequest;
import dev.strongroom.vault.access.AccessRule.Scope;
import dev.strongroom.vault.access.AccessRule.Standing;
import io.grpc.MethodDescriptor;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Who may call what: the only place that says so. An RPC that is not here is refused to everybody.
 */
final class AccessTable {
    private static final Set<AccessRole> EVERY_ROLE = Set.of(AccessRole.values());

    /** Everybody is told alike that there is no such method. */
    static final AccessRule UNKNOWN_METHOD =
            new AccessRule(EVERY_ROLE, new Scope.OwnView(), Standing.GOOD);

    private static final Map<String, AccessRule> RULES =
            Map.ofEntries(
                    rule(ModelsGrpc.getBeginVersionMethod(), Set.of(OWNER), new Scope.Signed()),
                    rule(
                            ModelsGrpc.getUploadObjectMethod(),
                            Set.of(OWNER),
                            named(UploadObjectRequest.class, AccessTable::tenantOfUpload)),
                    rule(
                            ModelsGrpc.getCommitVersionMethod(),
                            Set.of(OWNER),
                            model(CommitVersionRequest.class, CommitVersionRequest::getModel)),
                    rule(ModelsGrpc.getListModelsMethod(), EVERY_ROLE, new Scope.OwnView()),
                    rule(
                            ModelsGrpc.getGetVersionMethod(),
                            EVERY_ROLE,
                            model(GetVersionRequest.class, r -> r.getVersion().getModel())),
                    rule(
                            ModelsGrpc.getFetchObjectMethod(),
                            Set.of(OWNER, NODE),
                            model(FetchObjectRequest.class, FetchObjectRequest::getModel)),
                    rule(ModelsGrpc.getSetPolicyMethod(), Set.of(OWNER), new Scope.Signed()),
                    rule(
                            ModelsGrpc.getGetPoliciesMethod(),
                            EVERY_ROLE,
                            model(GetPoliciesRequest.class, GetPoliciesRequest::getModel)),
                    rule(ModelsGrpc.getMoveAliasMethod(), Set.of(OWNER), new Scope.Signed()),
                    rule(
                            ModelsGrpc.getListAliasesMethod(),
                            EVERY_ROLE,
                            model(ListAliasesRequest.class, ListAliasesRequest::getModel)),
                    rule(
                            KeysGrpc.getGetImportCertificateMethod(),
                            Set.of(OWNER, OPERATOR, NODE),
                            tenant(
                                    GetImportCertificateRequest.class,
                                    GetImportCertificateRequest::getTenant)),
                    rule(
                            KeysGrpc.getGetKeyStatusMethod(),
                            Set.of(OWNER, OPERATOR, AUDITOR),
                            tenant(GetKeyStatusRequest.class, GetKeyStatusRequest::getTenant)),
                    rule(
                            KeysGrpc.getRotateKekMethod(),
                            Set.of(OWNER, OPERATOR),
                            tenant(RotateKekRequest.class, RotateKekRequest::getTenant)),
                    rule(
                            KeysGrpc.getGetRotationMethod(),
                            Set.of(OWNER, OPERATOR, AUDITOR),
                            tenant(GetRotationRequest.class, GetRotationRequest::getTenant)),
                    rule(
                            KeysGrpc.getPauseRotationMethod(),
                            Set.of(OWNER, OPERATOR),
                            tenant(PauseRotationRequest.class, PauseRotationRequest::getTenant)),
                    rule(
                            KeysGrpc.getResumeRotationMethod(),
                            Set.of(OWNER, OPERATOR),
                            tenant(ResumeRotationRequest.class, ResumeRotationRequest::getTenant)),
                    rule(
                            KeysGrpc.getRetireKekMethod(),
                            Set.of(OWNER, OPERATOR),
                            tenant(RetireKekRequest.class, RetireKekRequest::getTenant)),
                    rule(KeysGrpc.getRecoverTokenMethod(), Set.of(OPERATOR), new Scope.OwnView()),
                    rule(
                            KeysGrpc.getRotateImportKeyMethod(),
                            Set.of(OWNER, OPERATOR),
                            tenant(
                                    RotateImportKeyRequest.class,
                                    RotateImportKeyRequest::getTenant)),
                    rule(
                            KeysGrpc.getDestroyKekMethod(),
                            Set.of(OWNER, OPERATOR),
                            tenant(DestroyKekRequest.class, DestroyKekRequest::getTenant)),
                    rule(
                            OwnKeysGrpc.getListOwnKeysMethod(),
                            Set.of(OPERATOR, AUDITOR),
                            new Scope.OwnView()),
                    rule(
                            OwnKeysGrpc.getRotateOwnKeyMethod(),
                            Set.of(OPERATOR),
                            new Scope.OwnView()),
                    rule(
                            OwnKeysGrpc.getRetireOwnKeyMethod(),
                            Set.of(OPERATOR),
                            new Scope.OwnView()),
                    rule(AdminGrpc.getCreateBackupMethod(), Set.of(OPERATOR), new Scope.OwnView()),
                    rule(AdminGrpc.getListBackupsMethod(), Set.of(OPERATOR), new Scope.OwnView()),
                    rule(ReleaseGrpc.getGetChallengeMethod(), Set.of(NODE), new Scope.OwnView()),
                    rule(
                            ReleaseGrpc.getRequestLeaseMethod(),
                            Set.of(NODE),
                            model(RequestLeaseRequest.class, RequestLeaseRequest::getModel)),
                    rule(
                            ReleaseGrpc.getRenewLeaseMethod(),
                            Set.of(NODE),
                            model(RenewLeaseRequest.class, RenewLeaseRequest::getModel)),
                    rule(
                            ReleaseGrpc.getGetResultTokenMethod(),
                            EVERY_ROLE,
                            model(GetResultTokenRequest.class, GetResultTokenRequest::getModel)),
                    evenWithdrawn(
                            ReleaseGrpc.getWatchLeaseMethod(),
                            Set.of(NODE),
                            model(WatchLeaseRequest.class, WatchLeaseRequest::getModel)),
                    evenWithdrawn(
                            ReleaseGrpc.getReportZeroisationMethod(),
                            Set.of(NODE),
                            model(
                                    ReportZeroisationRequest.class,
                                    ReportZeroisationRequest::getModel)),
                    rule(
                            ReleaseGrpc.getCommitFingerprintMethod(),
                            Set.of(NODE),
                            model(
                                    CommitFingerprintRequest.class,
                                    CommitFingerprintRequest::getModel)),
                    rule(AdminGrpc.getRevokeMethod(), Set.of(OWNER, OPERATOR), new Scope.Signed()),
                    rule(
                            AdminGrpc.getLiftRevocationMethod(),
                            Set.of(OWNER, OPERATOR),
                            new Scope.Signed()),
                    rule(
                            AdminGrpc.getListRevocationsMethod(),
                            Set.of(OWNER, OPERATOR, AUDITOR),
                            new Scope.OwnView()),
                    rule(ReleaseGrpc.getBeginResealMethod(), Set.of(NODE), new Scope.Signed()),
                    rule(
                            ReleaseGrpc.getUploadResealedMethod(),
                            Set.of(NODE),
                            named(UploadObjectRequest.class, AccessTable::tenantOfUpload)),
                    rule(
                            ReleaseGrpc.getCommitResealMethod(),
                            Set.of(NODE),
                            model(CommitResealRequest.class, CommitResealRequest::getModel)),
                    rule(AuditGrpc.getGetCheckpointMethod(), EVERY_ROLE, new Scope.OwnView()),
                    rule(AuditGrpc.getGetInclusionProofMethod(), EVERY_ROLE, new Scope.OwnView()),
                    rule(AuditGrpc.getGetConsistencyProofMethod(), EVERY_ROLE, new Scope.OwnView()),
                    rule(
                            AuditGrpc.getListLeavesMethod(),
                            Set.of(OWNER, OPERATOR, AUDITOR),
                            new Scope.OwnView()),
                    rule(
                            ApprovalsGrpc.getRequestApprovalMethod(),
                            Set.of(OWNER, OPERATOR),
                            new Scope.Signed()),
                    rule(
                            ApprovalsGrpc.getListApprovalsMethod(),
                            Set.of(OWNER, OPERATOR, AUDITOR),
                            new Scope.OwnView()),
                    rule(
                            ApprovalsGrpc.getGetApprovalMethod(),
                            Set.of(OWNER, OPERATOR, AUDITOR),
                            new Scope.OwnView()),
                    rule(
                            ApprovalsGrpc.getApproveMethod(),
                            Set.of(OWNER, OPERATOR),
                            new Scope.Signed()),
                    rule(
                            ApprovalsGrpc.getRejectMethod(),
                            Set.of(OWNER, OPERATOR),
                            new Scope.Signed()),
                    rule(
                            GuardsGrpc.getTakeRowsMethod(),
                            Set.of(NODE),
                            model(TakeRowsRequest.class, TakeRowsRequest::getModel)),
                    rule(
                            GuardsGrpc.getSaveGuardStateMethod(),
                            Set.of(NODE),
                            model(SaveGuardStateRequest.class, SaveGuardStateRequest::getModel)),
                    rule(
                            GuardsGrpc.getGetGuardStateMethod(),
                            Set.of(NODE),
                            model(GetGuardStateRequest.class, GetGuardStateRequest::getModel)),
                    rule(
                            GuardsGrpc.getReportRefusedKeyMethod(),
                            Set.of(NODE),
                            model(
                                    ReportRefusedKeyRequest.class,
                                    ReportRefusedKeyRequest::getModel)),
                    rule(
                            GuardsGrpc.getTightenMethod(),
                            Set.of(OWNER, OPERATOR),
                            model(TightenRequest.class, r -> r.getSubject().getModel())),
                    rule(
                            GuardsGrpc.getLoosenMethod(),
                            Set.of(OWNER, OPERATOR),
                            model(LoosenRequest.class, r -> r.getSubject().getModel())),
                    rule(
                            GuardsGrpc.getListMeasuresMethod(),
                            Set.of(OWNER, OPERATOR, AUDITOR),
                            new Scope.OwnView()),
                    rule(DecoysGrpc.getPlantDecoyMethod(), Set.of(OPERATOR), new Scope.OwnView()),
                    rule(DecoysGrpc.getListDecoysMethod(), Set.of(OPERATOR), new Scope.OwnView()),
                    rule(DecoysGrpc.getRemoveDecoyMethod(), Set.of(OPERATOR), new Scope.OwnView()),
                    rule(
                            DecoysGrpc.getListQuarantinesMethod(),
                            Set.of(OPERATOR),
                            new Scope.OwnView()),
                    rule(
                            DecoysGrpc.getLiftQuarantineMethod(),
                            Set.of(OPERATOR),
                            new Scope.OwnView()),
                    rule(AdminGrpc.getGetVaultIdentityMethod(), EVERY_ROLE, new Scope.OwnView()),
                    rule(AdminGrpc.getCreateTenantMethod(), Set.of(OPERATOR), new Scope.OwnView()),
                    rule(
                            AdminGrpc.getIssueCertificateMethod(),
                            Set.of(OPERATOR),
                            new Scope.OwnView()),
                    rule(
                            AdminGrpc.getWithdrawIdentityMethod(),
                            Set.of(OPERATOR),
                            new Scope.OwnView()),
                    rule(
                            AdminGrpc.getListIdentitiesMethod(),
                            Set.of(OPERATOR),
                            new Scope.OwnView()));

    /**
     * Who may do something may ask what would come of it, and nobody else: no rule of their own.
     */
    private static final Map<String, String> PLANS =
            Map.ofEntries(
                    plan(KeysGrpc.getPlanRotateKekMethod(), KeysGrpc.getRotateKekMethod()),
                    plan(KeysGrpc.getPlanPauseRotationMethod(), KeysGrpc.getPauseRotationMethod()),
                    plan(
                            KeysGrpc.getPlanResumeRotationMethod(),
                            KeysGrpc.getResumeRotationMethod()),
                    plan(KeysGrpc.getPlanRetireKekMethod(), KeysGrpc.getRetireKekMethod()),
                    plan(
                            KeysGrpc.getPlanRotateImportKeyMethod(),
                            KeysGrpc.getRotateImportKeyMethod()),
                    plan(KeysGrpc.getPlanDestroyKekMethod(), KeysGrpc.getDestroyKekMethod()),
                    plan(
                            OwnKeysGrpc.getPlanRetireOwnKeyMethod(),
                            OwnKeysGrpc.getRetireOwnKeyMethod()),
                    plan(AdminGrpc.getPlanRevokeMethod(), AdminGrpc.getRevokeMethod()),
                    plan(
                            AdminGrpc.getPlanWithdrawIdentityMethod(),
                            AdminGrpc.getWithdrawIdentityMethod()));

    private AccessTable() {}

    /** The rule of a full method name such as {@code strongroom.v1.Keys/RotateKek}. */
    static Optional<AccessRule> ruleOf(String fullMethodName) {
        return Optional.ofNullable(RULES.get(PLANS.getOrDefault(fullMethodName, fullMethodName)));
    }

    /** Both take one request, so that one rule reads it. */
    private static <Q, A> Map.Entry<String, String> plan(
            MethodDescriptor<Q, A> plan, MethodDescriptor<Q, A> of) {
        return Map.entry(plan.getFullMethodName(), of.getFullMethodName());
    }

    private static Map.Entry<String, AccessRule> rule(
            MethodDescriptor<?, ?> method, Set<AccessRole> roles, Scope scope) {
        return Map.entry(method.getFullMethodName(), new AccessRule(roles, scope, Standing.GOOD));
    }

    private static Map.Entry<String, AccessRule> evenWithdrawn(
            MethodDescriptor<?, ?> method, Set<AccessRole> roles, Scope scope) {
        return Map.entry(
                method.getFullMethodName(), new AccessRule(roles, scope, Standing.WITHDRAWN_TOO));
    }

    private static <M extends Message> Scope tenant(Class<M> type, Function<M, String> tenant) {
        return named(type, request -> Optional.of(tenant.apply(request)));
    }

    /** A request that names a model {@code tenant/name}. */
    private static <M extends Message> Scope model(Class<M> type, Function<M, String> model) {
        return named(type, request -> Optional.of(tenantOfModel(model.apply(request))));
    }

    private static <M extends Message> Scope named(
            Class<M> type, Function<M, Optional<String>> tenant) {
        return new Scope.Named(message -> tenant.apply(type.cast(message)));
    }

    /** Only the first message of an upload names a model; the service refuses any other order. */
    private static Optional<String> tenantOfUpload(UploadObjectRequest part) {
        return part.hasHeader()
                ? Optional.of(tenantOfModel(part.getHeader().getModel()))
                : Optional.empty();
    }

    private static String tenantOfModel(String model) {
        int slash = model.indexOf('/');
        return slash < 0 ? "" : model.substring(0, slash);
    }
}

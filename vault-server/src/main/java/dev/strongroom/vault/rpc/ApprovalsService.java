package dev.strongroom.vault.rpc;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.format.ApprovalStatement;
import dev.strongroom.proto.v1.ApprovalState;
import dev.strongroom.proto.v1.ApprovalsGrpc;
import dev.strongroom.proto.v1.ApproveRequest;
import dev.strongroom.proto.v1.ApproveResponse;
import dev.strongroom.proto.v1.GetApprovalRequest;
import dev.strongroom.proto.v1.GetApprovalResponse;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.ListApprovalsRequest;
import dev.strongroom.proto.v1.ListApprovalsResponse;
import dev.strongroom.proto.v1.RejectRequest;
import dev.strongroom.proto.v1.RejectResponse;
import dev.strongroom.proto.v1.RequestApprovalRequest;
import dev.strongroom.proto.v1.RequestApprovalResponse;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.approval.ApprovalDesk;
import dev.strongroom.vault.approval.ApprovalView;
import dev.strongroom.vault.approval.ApprovalView.Shown;
import dev.strongroom.vault.audit.ApprovalHistory.Entry;
import dev.strongroom.vault.audit.ApprovalHistory.Standing;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.refusal.RefusedException;
import io.grpc.stub.StreamObserver;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** {@code strongroom.v1.Approvals}: what several people must agree to. */
final class ApprovalsService extends ApprovalsGrpc.ApprovalsImplBase {
    private static final int MAX_LISTED = 1000;

    private final ApprovalDesk desk;
    private final ApprovalView view;
    private final AuditLog log;

    ApprovalsService(ApprovalDesk desk, ApprovalView view, AuditLog log) {
        this.desk = desk;
        this.view = view;
        this.log = log;
    }

    @Override
    public void requestApproval(
            RequestApprovalRequest request, StreamObserver<RequestApprovalResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    byte[] statement = statement(request.getStatement());
                    byte[] document =
                            Messages.limited(
                                    "document",
                                    request.getDocument(),
                                    ApprovalDesk.MAX_DOCUMENT_BYTES);
                    return RequestApprovalResponse.newBuilder()
                            .setProof(prove(desk.request(Principal.current(), statement, document)))
                            .build();
                });
    }

    @Override
    public void listApprovals(
            ListApprovalsRequest request, StreamObserver<ListApprovalsResponse> observer) {
        Answers.one(
                observer,
                () ->
                        ListApprovalsResponse.newBuilder()
                                .addAllApprovals(
                                        openFirst(view.list(Principal.current()))
                                                .limit(MAX_LISTED)
                                                .map(ApprovalsService::state)
                                                .toList())
                                .build());
    }

    private static Stream<Entry> openFirst(List<Entry> entries) {
        return Stream.concat(
                entries.stream().filter(entry -> entry.standing() == Standing.OPEN),
                entries.reversed().stream().filter(entry -> entry.standing() != Standing.OPEN));
    }

    @Override
    public void getApproval(
            GetApprovalRequest request, StreamObserver<GetApprovalResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    Shown shown = view.show(Principal.current(), request.getId());
                    return GetApprovalResponse.newBuilder()
                            .setState(state(shown.entry()))
                            .addAllDemands(
                                    shown.demands().stream().map(ApprovalsService::demand).toList())
                            .setApprovals(Messages.bytes(shown.approvals().encode()))
                            .setDocument(Messages.bytes(shown.document()))
                            .build();
                });
    }

    @Override
    public void approve(ApproveRequest request, StreamObserver<ApproveResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    byte[] statement = statement(request.getStatement());
                    return ApproveResponse.newBuilder()
                            .setProof(prove(desk.approve(Principal.current(), statement)))
                            .build();
                });
    }

    @Override
    public void reject(RejectRequest request, StreamObserver<RejectResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    byte[] statement = statement(request.getStatement());
                    return RejectResponse.newBuilder()
                            .setProof(prove(desk.reject(Principal.current(), statement)))
                            .build();
                });
    }

    private static byte[] statement(ByteString bytes) throws RefusedException {
        return Messages.limited("statement", bytes, ApprovalStatement.MAX_BYTES);
    }

    private InclusionProof prove(AuditReceipt receipt) throws RefusedException {
        return Messages.proof(log.prove(receipt.leafIndex()));
    }

    private static ApprovalState state(Entry entry) {
        return ApprovalState.newBuilder()
                .setId(entry.id())
                .setKind(entry.change().kind().label())
                .setTenant(entry.tenant())
                .setSubject(entry.change().subject())
                .setDocumentDigest(Messages.bytes(entry.change().document().bytes()))
                .setRequester(Messages.bytes(entry.requester().bytes()))
                .setNotAfterMillis(entry.notAfter().toEpochMilli())
                .setStanding(entry.standing().label())
                .addAllApprovers(ids(entry.approvers()))
                .addAllRejecters(ids(entry.rejecters()))
                .build();
    }

    private static GetApprovalResponse.Demand demand(ApproverSet set) {
        return GetApprovalResponse.Demand.newBuilder()
                .setThreshold(set.threshold())
                .addAllApprovers(ids(set.approvers()))
                .build();
    }

    private static List<ByteString> ids(Collection<Digest> keys) {
        return keys.stream().map(key -> Messages.bytes(key.bytes())).toList();
    }
}

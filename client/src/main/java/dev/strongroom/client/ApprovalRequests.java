package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.ApprovalStatement;
import dev.strongroom.crypto.format.ApprovalStatement.Word;
import dev.strongroom.crypto.format.Approvals;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedApprovals;
import dev.strongroom.proto.v1.ApprovalState;
import dev.strongroom.proto.v1.ApproveRequest;
import dev.strongroom.proto.v1.GetApprovalRequest;
import dev.strongroom.proto.v1.GetApprovalResponse;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.ListApprovalsRequest;
import dev.strongroom.proto.v1.RejectRequest;
import dev.strongroom.proto.v1.RequestApprovalRequest;
import java.io.IOException;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Asks for approvals and gives them. What an approver signs is checked on his machine first: that
 * the requester asked for it and that the document is the one that was asked for. Not thread-safe.
 */
public final class ApprovalRequests {
    private static final String NEXT = "do not sign it; ask who made the request";

    private final VaultConnection vault;
    private final Digest pin;
    private final TrustAnchors anchors;
    private final InstantSource clock;
    private final SecureRandom random;

    public ApprovalRequests(
            VaultConnection vault,
            Digest pin,
            TrustAnchors anchors,
            InstantSource clock,
            SecureRandom random) {
        this.vault = vault;
        this.pin = pin;
        this.anchors = anchors;
        this.clock = clock;
        this.random = random;
    }

    /**
     * One request, checked.
     *
     * @param request signed by its requester
     * @param document the one that the request names
     * @param approvers whose signatures under it were verified
     * @param rejecters as the vault tells
     * @param demands who must agree, as the vault tells; empty when it is over
     * @param standing open, used, rejected or expired, as the vault tells
     */
    public record Shown(
            ApprovalRequest request,
            byte[] document,
            NavigableSet<Digest> approvers,
            List<Digest> rejecters,
            List<ApproverSet> demands,
            String standing) {}

    /**
     * One line of a list, as the vault tells it.
     *
     * @param subject what is to be changed
     */
    public record Listed(
            String id,
            String kind,
            String subject,
            String standing,
            int approvals,
            int rejections,
            Instant notAfter) {}

    /** Requests that the caller may see, open ones first. */
    public List<Listed> list() {
        return vault
                .approvals()
                .listApprovals(ListApprovalsRequest.getDefaultInstance())
                .getApprovalsList()
                .stream()
                .map(ApprovalRequests::listed)
                .toList();
    }

    private static Listed listed(ApprovalState state) {
        return new Listed(
                state.getId(),
                state.getKind(),
                state.getSubject(),
                state.getStanding(),
                state.getApproversCount(),
                state.getRejectersCount(),
                Instant.ofEpochMilli(state.getNotAfterMillis()));
    }

    /**
     * Asks for a change.
     *
     * @param document says exactly what will be done; approvers get to read it
     * @param requester whose key will not count as an approval
     * @return the request, once its record in the log is verified
     */
    public ApprovalRequest ask(
            Change change, byte[] document, PersonalKey requester, Duration valid)
            throws ClientException, IOException {
        VaultIdentity identity = vault.identify(pin, anchors);
        Instant now = clock.instant();
        var request = new ApprovalRequest(change, requester.keyId(), newId(), now, now.plus(valid));
        ByteString statement = say(Word.REQUESTED, request, requester);
        InclusionProof proof =
                vault.approvals()
                        .requestApproval(
                                RequestApprovalRequest.newBuilder()
                                        .setStatement(statement)
                                        .setDocument(ByteString.copyFrom(document))
                                        .build())
                        .getProof();
        requireLogged(
                proof,
                identity,
                AuditRecord.APPROVAL_REQUESTED,
                Map.of(
                        "request", request.id(),
                        "document", change.document().hex(),
                        "requester", requester.keyId().hex()));
        return request;
    }

    private String newId() {
        byte[] id = new byte[ApprovalRequest.ID_BYTES / 2];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /** A request with its document, checked. */
    public Shown show(String id) throws ClientException {
        GetApprovalResponse answer =
                vault.approvals().getApproval(GetApprovalRequest.newBuilder().setId(id).build());
        VerifiedApprovals approvals =
                Checks.verified(
                        "approval request " + id,
                        NEXT,
                        () -> Approvals.decode(answer.getApprovals().toByteArray()).verify());
        ApprovalRequest request = approvals.request();
        byte[] document = answer.getDocument().toByteArray();
        Checks.require(request.id().equals(id), "the vault shows another request", NEXT);
        Checks.require(
                Digest.sha256(document).equals(request.change().document()),
                "the document is not the one that request " + id + " is for",
                NEXT);
        return new Shown(
                request,
                document,
                approvals.approvers(),
                List.copyOf(ids(answer.getState().getRejectersList())),
                demands(answer),
                answer.getState().getStanding());
    }

    private static List<ApproverSet> demands(GetApprovalResponse answer) throws ClientException {
        var demands = new ArrayList<ApproverSet>();
        for (GetApprovalResponse.Demand demand : answer.getDemandsList()) {
            NavigableSet<Digest> approvers = ids(demand.getApproversList());
            demands.add(
                    Checks.verified(
                            "what the request demands",
                            NEXT,
                            () -> new ApproverSet(demand.getThreshold(), approvers)));
        }
        return demands;
    }

    private static NavigableSet<Digest> ids(Collection<ByteString> keys) throws ClientException {
        var ids = new TreeSet<Digest>();
        for (ByteString key : keys) {
            Checks.require(key.size() == Digest.BYTES, "a key id is malformed", NEXT);
            ids.add(Digest.of(key.toByteArray()));
        }
        return ids;
    }

    /** Approves a request that {@link #show} answered. */
    public void approve(Shown shown, PersonalKey approver) throws ClientException, IOException {
        VaultIdentity identity = vault.identify(pin, anchors);
        var message =
                ApproveRequest.newBuilder()
                        .setStatement(say(Word.APPROVED, shown.request(), approver))
                        .build();
        requireLogged(
                vault.approvals().approve(message).getProof(),
                identity,
                AuditRecord.APPROVAL_GIVEN,
                answered(shown, approver));
    }

    /** Rejects a request that {@link #show} answered. */
    public void reject(Shown shown, PersonalKey approver) throws ClientException, IOException {
        VaultIdentity identity = vault.identify(pin, anchors);
        var message =
                RejectRequest.newBuilder()
                        .setStatement(say(Word.REJECTED, shown.request(), approver))
                        .build();
        requireLogged(
                vault.approvals().reject(message).getProof(),
                identity,
                AuditRecord.APPROVAL_REJECTED,
                answered(shown, approver));
    }

    private static Map<String, String> answered(Shown shown, PersonalKey approver) {
        return Map.of(
                "request", shown.request().id(),
                "document", shown.request().change().document().hex(),
                "approver", approver.keyId().hex());
    }

    private static ByteString say(Word word, ApprovalRequest request, PersonalKey key)
            throws ClientException {
        try {
            return ByteString.copyFrom(
                    ApprovalStatement.sign(word, request, key, key.spki()).encode());
        } catch (SignatureException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "the key " + key.keyId() + " cannot sign",
                    "restore the key file from a backup",
                    e);
        }
    }

    private void requireLogged(
            InclusionProof proof, VaultIdentity identity, String type, Map<String, String> fields)
            throws ClientException, IOException {
        new LogMemory(vault.profile())
                .requireLogged(
                        proof,
                        identity,
                        vault,
                        record -> record.type().equals(type) && record.differsIn(fields).isEmpty(),
                        "this request",
                        "strongroom approvals list");
    }
}

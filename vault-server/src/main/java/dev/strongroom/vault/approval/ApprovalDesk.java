package dev.strongroom.vault.approval;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.ApprovalStatement;
import dev.strongroom.crypto.format.ApprovalStatement.Word;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.ApprovalHistory;
import dev.strongroom.vault.audit.ApprovalHistory.Entry;
import dev.strongroom.vault.audit.ApprovalHistory.Standing;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.ApprovalTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Takes requests, approvals and rejections, each signed by the key of whoever speaks; the caller's
 * certificate only decides whose requests he may touch. Every step is a record of the log first.
 *
 * <p>Thread-safe.
 */
public final class ApprovalDesk {
    /** A document that approvers are to read is never near it; a policy takes half. */
    public static final int MAX_DOCUMENT_BYTES = 64 * 1024;

    private static final int MAX_OPEN =
            16; // of one requester, so that none keeps others from asking
    private static final Duration MAX_VALIDITY = Duration.ofDays(30);

    private final AuditLog log;
    private final ApprovalLedger ledger;
    private final ChangeRules rules;
    private final InstantSource clock;
    private final RequestEnds ends;

    public ApprovalDesk(
            AuditLog log, ApprovalLedger ledger, ChangeRules rules, InstantSource clock) {
        this.log = log;
        this.ledger = ledger;
        this.rules = rules;
        this.clock = clock;
        this.ends = new RequestEnds(log, clock);
    }

    /**
     * Opens a request.
     *
     * @param statement the requester's, signed
     * @param document what is to be approved
     * @throws RefusedException for whoever may not ask, and what could not be done
     */
    public AuditReceipt request(Principal caller, byte[] statement, byte[] document)
            throws RefusedException {
        ApprovalStatement signed = decode(statement);
        ApprovalRequest request = verify(signed, Word.REQUESTED);
        String tenant = tenantOf(request.change());
        caller.requireTenant(tenant);
        requireWellFormed(request, document);
        ends.writeDown();
        return log.<RefusedException>appendSigned(handle -> {
            ends.forgetOld(handle);
            requireRoom(request);
            rules.demands(handle, request, document);
            ApprovalTable.insert(
                    handle, request, tenant, new ApprovalTable.Request(statement, document));
            return Decision.of(AuditRecord.APPROVAL_REQUESTED, caller.uri(), tenant)
                    .with("request", request.id())
                    .with("payload", Digest.sha256(signed.statement().payload()))
                    .with("kind", request.change().kind().name())
                    .with("tenant", tenant)
                    .with("subject", request.change().subject())
                    .with("document", request.change().document())
                    .with("requester", request.requester())
                    .with("not-after", request.notAfter());
        });
    }

    private void requireWellFormed(ApprovalRequest request, byte[] document)
            throws RefusedException {
        Instant now = clock.instant();
        if (!now.isBefore(request.notAfter())
                || request.notAfter().isAfter(now.plus(MAX_VALIDITY))) {
            throw new RefusedException(
                    Reason.APPROVAL_MALFORMED,
                    "approval request: expected an end within "
                            + MAX_VALIDITY.toDays()
                            + " days of "
                            + now
                            + ", got "
                            + request.notAfter());
        }
        if (!Digest.sha256(document).equals(request.change().document())) {
            throw new RefusedException(
                    Reason.APPROVAL_MALFORMED,
                    "approval request: the document is not the one that it names");
        }
    }

    private void requireRoom(ApprovalRequest request) throws RefusedException {
        ApprovalHistory history = log.views().approvals();
        if (history.find(request.id()).isPresent()) {
            throw new RefusedException(
                    Reason.APPROVAL_EXISTS, "approval request " + request.id() + " exists already");
        }
        Instant now = clock.instant();
        long open =
                history.all().stream()
                        .filter(entry ->
                                entry.isOpen(now) && entry.requester().equals(request.requester()))
                        .count();
        if (open >= MAX_OPEN) {
            throw new RefusedException(
                    Reason.TOO_MANY_APPROVALS,
                    "%d requests of this key are open already; have some answered, or wait until they end"
                            .formatted(open));
        }
    }

    /** Takes an approval. */
    public AuditReceipt approve(Principal caller, byte[] statement) throws RefusedException {
        return answer(caller, decode(statement), Word.APPROVED);
    }

    /**
     * Takes a rejection. It takes back the same approver's approval, and ends the request when too
     * few are left who could agree.
     */
    public AuditReceipt reject(Principal caller, byte[] statement) throws RefusedException {
        return answer(caller, decode(statement), Word.REJECTED);
    }

    private AuditReceipt answer(Principal caller, ApprovalStatement signed, Word word)
            throws RefusedException {
        ApprovalRequest request = verify(signed, word);
        String tenant = tenantOf(request.change());
        caller.requireTenant(tenant);
        return log.<RefusedException>appendSigned(handle -> {
            Entry entry = requireOpen(request.id());
            if (!Digest.sha256(signed.statement().payload()).equals(entry.payload())) {
                throw new RefusedException(
                        Reason.APPROVAL_MALFORMED,
                        "the statement is about another request than the open one of this" + " id");
            }
            List<ApproverSet> demands = demands(handle, entry, request);
            requireMayAnswer(entry, demands, signed.signer(), word);
            ApprovalTable.insertAnswer(handle, entry.id(), word, signed);
            Decision decision =
                    Decision.of(typeOf(word), caller.uri(), tenant)
                            .with("request", entry.id())
                            .with("subject", request.change().subject())
                            .with("document", request.change().document())
                            .with("approver", signed.signer());
            boolean ends =
                    word == Word.REJECTED
                            && demands.stream()
                                    .anyMatch(
                                            demand -> isOutOfReach(demand, entry, signed.signer()));
            return ends
                    ? decision.with(ApprovalHistory.STANDING_FIELD, Standing.REJECTED.name())
                    : decision;
        });
    }

    private Entry requireOpen(String id) throws RefusedException {
        Entry entry =
                log.views()
                        .approvals()
                        .find(id)
                        .orElseThrow(() ->
                                new RefusedException(
                                        Reason.APPROVAL_NOT_FOUND, "no approval request " + id));
        if (!entry.isOpen(clock.instant())) {
            throw new RefusedException(
                    Reason.APPROVAL_OVER,
                    "approval request %s is over: %s"
                            .formatted(
                                    id,
                                    entry.standing() == Standing.OPEN
                                            ? "it ended at " + entry.notAfter()
                                            : "it was " + entry.standing().label()));
        }
        return entry;
    }

    private List<ApproverSet> demands(Handle handle, Entry entry, ApprovalRequest request)
            throws RefusedException {
        return rules.demands(handle, request, ledger.document(handle, entry));
    }

    private static void requireMayAnswer(
            Entry entry, List<ApproverSet> demands, Digest approver, Word word)
            throws RefusedException {
        if (approver.equals(entry.requester())) {
            throw new RefusedException(
                    Reason.APPROVER_DENIED, "who asks for a change does not approve it himself");
        }
        if (demands.stream().noneMatch(demand -> demand.approvers().contains(approver))) {
            throw new RefusedException(
                    Reason.APPROVER_DENIED, "key " + approver + " is not one of the approvers");
        }
        if (entry.rejecters().contains(approver)
                || (word == Word.APPROVED && entry.approvers().contains(approver))) {
            throw new RefusedException(
                    Reason.APPROVAL_EXISTS, "key " + approver + " has answered this request");
        }
    }

    private static String typeOf(Word word) {
        return switch (word) {
            case APPROVED -> AuditRecord.APPROVAL_GIVEN;
            case REJECTED -> AuditRecord.APPROVAL_REJECTED;
            case REQUESTED -> throw new IllegalArgumentException("a request is no answer");
        };
    }

    /** True when too few are left who could agree. */
    private static boolean isOutOfReach(ApproverSet demand, Entry entry, Digest rejecter) {
        long left =
                demand.approvers().stream()
                        .filter(id ->
                                !id.equals(rejecter)
                                        && !id.equals(entry.requester())
                                        && !entry.rejecters().contains(id))
                        .count();
        return left < demand.threshold();
    }

    /** Writes down which requests ended without being used. */
    public void endOutdated() throws RefusedException {
        ends.writeDown();
    }

    /**
     * Uses the approvals of something that operators do. Call it inside {@link
     * AuditLog#append(AuditLog.Deciding)} and return what it returns: the record of the effect is
     * what uses them up, once, in the transaction that allows the effect.
     *
     * @param change what is about to be done, built from the vault's own data
     * @param effect the decision that they allow
     * @return the same decision with the request and the approvers in it
     * @throws RefusedException APPROVAL_MISSING, APPROVERS_NOT_NAMED, APPROVAL_NOT_AUTHENTIC
     */
    public Decision use(Handle handle, Change change, Decision effect) throws RefusedException {
        if (change.kind() == Change.Kind.POLICY_CHANGE) {
            throw new IllegalArgumentException("a policy is approved by its own approvers");
        }
        return ledger.use(handle, change, List.of(rules.roster()), effect).effect();
    }

    /**
     * Documents of open requests of one kind: what was asked for in the requester's own words.
     *
     * @throws RefusedException APPROVAL_NOT_AUTHENTIC
     */
    public List<byte[]> asked(Handle handle, Change.Kind kind) throws RefusedException {
        return ledger.asked(handle, kind);
    }

    /** Whether a key is one of those that agree to what operators do. */
    public boolean isApprover(Digest key) {
        return rules.isApprover(key);
    }

    /** Whether there is anybody who must agree to what operators do. */
    public boolean hasApprovers() {
        return rules.hasRoster();
    }

    private static String tenantOf(Change change) {
        return change.tenant().map(TenantName::value).orElse(Principal.WHOLE_VAULT);
    }

    private static ApprovalStatement decode(byte[] statement) throws RefusedException {
        try {
            return ApprovalStatement.decode(statement);
        } catch (SealedFormatException e) {
            throw malformed(e);
        }
    }

    private static ApprovalRequest verify(ApprovalStatement statement, Word word)
            throws RefusedException {
        try {
            return statement.verify(word);
        } catch (SealedFormatException e) {
            throw malformed(e);
        }
    }

    private static RefusedException malformed(SealedFormatException e) {
        return new RefusedException(
                Reason.APPROVAL_MALFORMED, "approval statement: " + e.getMessage(), e);
    }
}

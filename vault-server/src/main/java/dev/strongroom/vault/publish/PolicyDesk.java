package dev.strongroom.vault.publish;

import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.PolicyApproval;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.approval.ApprovalLedger;
import dev.strongroom.vault.approval.ChangeRule;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.PolicyTable;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Takes the owners' policies: a revision that its owner signed, that follows the one in force, and
 * to which everybody agreed who has to.
 *
 * <p>Thread-safe.
 */
public final class PolicyDesk implements ChangeRule {
    private final AuditLog log;
    private final PoliciesInForce inForce;
    private final ApprovalLedger approvals;
    private final InstantSource clock;

    public PolicyDesk(
            AuditLog log, PoliciesInForce inForce, ApprovalLedger approvals, InstantSource clock) {
        this.log = log;
        this.inForce = inForce;
        this.approvals = approvals;
        this.clock = clock;
    }

    /**
     * Puts the next revision of a policy in force: compare-and-set on the digest of the revision
     * before, with a greater number.
     *
     * @throws RefusedException POLICY_CONFLICT unless it follows the revision in force, and other
     *     POLICY_ reasons
     */
    public AuditReceipt set(Principal caller, byte[] envelope) throws RefusedException {
        TenantName tenant = new TenantName(caller.tenant());
        return log.<RefusedException>appendSigned(handle -> {
            PolicyOwner owner =
                    PolicyOwner.of(
                            log.views().owners().confirm(TenantTable.require(handle, tenant)));
            VerifiedPolicy next = owner.verify(envelope);
            PolicyDocument document = next.document();
            caller.requireTenant(document.scope().tenant().value());
            List<ApproverSet> demands = requireNext(handle, document, owner);
            Decision decision =
                    Decision.of(AuditRecord.POLICY_SET, caller.uri(), tenant.value())
                            .with("model", document.scope())
                            .with("kind", document.kind())
                            .with("id", document.id())
                            .with("seq", document.seq())
                            .with("digest", next.reference().digest())
                            .with("not-after", document.notAfter());
            var revision = new PolicyTable.Revision(envelope, Optional.empty());
            if (!demands.isEmpty()) {
                var used = approvals.use(handle, Change.of(document), demands, decision);
                decision = used.effect();
                revision =
                        new PolicyTable.Revision(envelope, Optional.of(used.approvals().encode()));
            }
            // The table only finds the record that this transaction makes durable with it.
            PolicyTable.insert(handle, document, revision, clock.instant());
            return decision;
        });
    }

    /**
     * Who must agree to a revision that its owner proposes: those whom the revision in force names,
     * so that nobody frees himself of them, and those whom the new one names, so that nobody names
     * keys that can not answer.
     */
    @Override
    public List<ApproverSet> demands(Handle handle, ApprovalRequest request, byte[] document)
            throws RefusedException {
        PolicyDocument proposed = decodeDocument(document);
        if (!Change.of(proposed).equals(request.change())) {
            throw new RefusedException(
                    Reason.APPROVAL_MALFORMED,
                    "the document is another revision than " + request.change().subject());
        }
        TenantName tenant = proposed.scope().tenant();
        PolicyOwner owner =
                PolicyOwner.of(log.views().owners().confirm(TenantTable.require(handle, tenant)));
        if (!request.requester().equals(owner.id())) {
            throw new RefusedException(
                    Reason.APPROVER_DENIED,
                    "a policy change is asked for with the owner root " + owner.id());
        }
        List<ApproverSet> demands = requireNext(handle, proposed, owner);
        if (demands.isEmpty()) {
            throw new RefusedException(
                    Reason.APPROVERS_NOT_NAMED,
                    "neither this revision nor the one in force names approvers; set it without");
        }
        return demands;
    }

    private static PolicyDocument decodeDocument(byte[] payload) throws RefusedException {
        try {
            return PolicyDocument.decode(payload);
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.POLICY_MALFORMED, "policy document: " + e.getMessage(), e);
        }
    }

    /** Checks that a revision can be the next one, and answers who must agree to it. */
    private List<ApproverSet> requireNext(Handle handle, PolicyDocument next, PolicyOwner owner)
            throws RefusedException {
        if (!clock.instant().isBefore(next.notAfter())) {
            throw new RefusedException(
                    Reason.POLICY_EXPIRED, "policy: expired at " + next.notAfter());
        }
        Optional<VerifiedPolicy> current = inForce.find(handle, next.scope(), next.kind(), owner);
        Optional<String> objection =
                current.isPresent() ? next.objectionAfter(current.get()) : firstObjection(next);
        if (objection.isPresent()) {
            throw new RefusedException(
                    Reason.POLICY_CONFLICT,
                    objection.get() + "; read the one in force with: strongroom policy show");
        }
        try {
            if (next.kind() == Kind.OUTPUT) {
                var _ = OutputPolicy.parse(next.body());
            }
            return PolicyApproval.demands(current.map(VerifiedPolicy::document), next);
        } catch (SealedFormatException | OutputFormatException e) {
            throw new RefusedException(Reason.POLICY_MALFORMED, String.valueOf(e.getMessage()), e);
        }
    }

    private static Optional<String> firstObjection(PolicyDocument next) {
        return next.previous().isEmpty()
                ? Optional.empty()
                : Optional.of("policy: follows another revision, but none is in force");
    }
}

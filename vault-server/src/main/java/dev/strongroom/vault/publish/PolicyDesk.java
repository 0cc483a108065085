package dev.strongroom.vault.publish;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyApproval;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.crypto.output.Voucher;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.approval.ApprovalLedger;
import dev.strongroom.vault.approval.ChangeRule;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.PolicyHistory.Revision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.PolicyTable;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.TenantTable.Tenant;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Takes the owner's policies and answers which are in force. The owner's signature is checked when
 * a document arrives and each time it is used, and which revision is in force is the audit log's to
 * say; the database is believed about nothing.
 *
 * <p>Thread-safe.
 */
public final class PolicyDesk implements ChangeRule {
    /** The two policies that rule a model now. */
    public record InForce(VerifiedPolicy release, VerifiedPolicy output) {
        /** Which ones they are, in the order of a transcript. */
        public List<PolicyReference> references() {
            return List.of(release.reference(), output.reference());
        }

        /**
         * What the output policy says.
         *
         * @throws RefusedException POLICY_MALFORMED if it was set when the grammar was another
         */
        public OutputPolicy rules() throws RefusedException {
            return PolicyDesk.rules(output);
        }

        /**
         * What the release policy says.
         *
         * @throws RefusedException POLICY_MALFORMED if it was set when the grammar was another
         */
        public ReleasePolicy releaseRules() throws RefusedException {
            try {
                return ReleasePolicy.parse(release.document().body());
            } catch (PolicyFormatException e) {
                throw notUnderstood("release", e);
            }
        }
    }

    /** Whose signature counts. */
    private record Owner(Digest id, byte[] spki) {
        static Owner of(Tenant tenant) {
            return new Owner(tenant.ownerId(), tenant.ownerSpki());
        }

        /** The one that signed the version: what it demands is not anybody else's to set. */
        static Owner of(VerifiedManifest manifest) {
            return new Owner(manifest.content().ownerId(), manifest.manifest().ownerSpki());
        }
    }

    private final Database database;
    private final AuditLog log;
    private final ApprovalLedger approvals;
    private final InstantSource clock;

    public PolicyDesk(
            Database database, AuditLog log, ApprovalLedger approvals, InstantSource clock) {
        this.database = database;
        this.log = log;
        this.approvals = approvals;
        this.clock = clock;
    }

    /**
     * Puts the next revision of a policy in force: compare-and-set on revision and previous digest.
     *
     * @throws RefusedException POLICY_CONFLICT unless it follows the revision in force, and other
     *     POLICY_ reasons
     */
    public AuditReceipt set(Principal caller, byte[] envelope) throws RefusedException {
        Dsse signed = decode(envelope);
        TenantName tenant = new TenantName(caller.tenant());
        return log.<RefusedException>appendSigned(handle -> {
            Owner owner = Owner.of(log.owners().confirm(TenantTable.require(handle, tenant)));
            VerifiedPolicy next = verify(signed, owner);
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
        Owner owner = Owner.of(log.owners().confirm(TenantTable.require(handle, tenant)));
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

    private static Dsse decode(byte[] envelope) throws RefusedException {
        try {
            return Dsse.decode(envelope);
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.POLICY_MALFORMED, "policy document: " + e.getMessage(), e);
        }
    }

    private static VerifiedPolicy verify(Dsse signed, Owner owner) throws RefusedException {
        try {
            return PolicyDocument.verify(signed, owner.id(), owner.spki());
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.POLICY_NOT_AUTHENTIC,
                    "policy document: "
                            + e.getMessage()
                            + "; it must be signed by the owner root "
                            + owner.id(),
                    e);
        }
    }

    /** Checks that a revision can be the next one, and answers who must agree to it. */
    private List<ApproverSet> requireNext(Handle handle, PolicyDocument next, Owner owner)
            throws RefusedException {
        if (!clock.instant().isBefore(next.notAfter())) {
            throw new RefusedException(
                    Reason.POLICY_EXPIRED, "policy: expired at " + next.notAfter());
        }
        Optional<VerifiedPolicy> current = find(handle, next.scope(), next.kind(), owner);
        Optional<String> objection =
                current.isPresent()
                        ? next.objectionAfter(current.get())
                        : firstObjection(next.seq());
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

    private static Optional<String> firstObjection(long seq) {
        return seq == 1
                ? Optional.empty()
                : Optional.of("policy: expected revision 1, the first, got " + seq);
    }

    /**
     * The last revisions as signed, oldest first: the one in force is checked, those before it are
     * for whoever receives them to check. Empty when none was ever set.
     */
    public List<PolicyTable.Revision> revisions(ModelName model, Kind kind)
            throws RefusedException {
        return database.<List<PolicyTable.Revision>, RefusedException>write(handle -> {
            Optional<Tenant> tenant = TenantTable.find(handle, model.tenant());
            if (tenant.isEmpty()) {
                return List.of();
            }
            Owner owner = Owner.of(log.owners().confirm(tenant.get()));
            return find(handle, model, kind, owner).isPresent()
                    ? PolicyTable.recent(handle, model, kind, PolicyChain.MAX_BEFORE + 1)
                    : List.of();
        });
    }

    /**
     * Rows a day that the output policy in force gives a caller, in the best tier that a
     * certificate of his could be in; 0: in none.
     *
     * @param handle of a write transaction
     * @throws RefusedException POLICY_NOT_FOUND, POLICY_MALFORMED
     */
    public long rowsPerDay(Handle handle, ModelName model, Principal caller)
            throws RefusedException {
        Owner owner = Owner.of(log.owners().confirm(TenantTable.require(handle, model.tenant())));
        VerifiedPolicy output =
                find(handle, model, Kind.OUTPUT, owner)
                        .orElseThrow(() -> notFound(model, Kind.OUTPUT));
        return rules(output).tiers().stream()
                .filter(tier ->
                        tier.vouchers().stream().anyMatch(voucher -> couldMean(voucher, caller)))
                .mapToLong(Tier::rowsPerDay)
                .max()
                .orElse(0);
    }

    private static boolean couldMean(Voucher voucher, Principal caller) {
        return isOrAny(voucher.tenant(), caller.tenant())
                && isOrAny(voucher.role(), caller.role().label());
    }

    private static boolean isOrAny(String wanted, String value) {
        return wanted.equals(Voucher.ANY) || wanted.equals(value);
    }

    private static OutputPolicy rules(VerifiedPolicy output) throws RefusedException {
        try {
            return OutputPolicy.parse(output.document().body());
        } catch (OutputFormatException e) {
            throw notUnderstood("output", e);
        }
    }

    private static RefusedException notUnderstood(String kind, Exception why) {
        return new RefusedException(
                Reason.POLICY_MALFORMED,
                "the %s policy in force does not parse any more (%s); its owner sets another with: strongroom policy set"
                        .formatted(kind, why.getMessage()),
                why);
    }

    /** The revision in force, verified; empty when none was ever set. */
    private Optional<VerifiedPolicy> find(Handle handle, ModelName model, Kind kind, Owner owner)
            throws RefusedException {
        Optional<byte[]> envelope = PolicyTable.latest(handle, model, kind);
        Optional<Revision> logged = log.policies().last(model, kind);
        if (envelope.isEmpty() && logged.isEmpty()) {
            return Optional.empty();
        }
        if (envelope.isEmpty()) {
            throw notAsLogged();
        }
        VerifiedPolicy policy = verify(decode(envelope.get()), owner);
        if (!policy.document().scope().equals(model) || policy.document().kind() != kind) {
            throw new RefusedException(
                    Reason.POLICY_NOT_AUTHENTIC,
                    "the stored policy is of another model; restore the database from a backup");
        }
        var stored = new Revision(policy.document().seq(), policy.reference().digest());
        if (!logged.equals(Optional.of(stored))) {
            throw notAsLogged();
        }
        return Optional.of(policy);
    }

    private static RefusedException notAsLogged() {
        return new RefusedException(
                Reason.POLICY_NOT_AUTHENTIC,
                "the stored policy is not the revision that the audit log says is in force: the"
                        + " database was changed outside the vault; restore the data folder from a"
                        + " backup");
    }

    /**
     * Both policies in force for a version's model, as the version's own owner signed them.
     *
     * @param handle of a write transaction: only there table and log are sure to agree
     * @throws RefusedException POLICY_NOT_FOUND
     */
    public InForce inForce(Handle handle, VerifiedManifest manifest) throws RefusedException {
        return new InForce(
                require(handle, manifest, Kind.RELEASE), require(handle, manifest, Kind.OUTPUT));
    }

    private VerifiedPolicy require(Handle handle, VerifiedManifest manifest, Kind kind)
            throws RefusedException {
        ModelName model = manifest.content().model();
        return find(handle, model, kind, Owner.of(manifest))
                .orElseThrow(() -> notFound(model, kind));
    }

    private static RefusedException notFound(ModelName model, Kind kind) {
        return new RefusedException(
                Reason.POLICY_NOT_FOUND,
                "no %s policy for %s; the owner sets it with: strongroom policy set"
                        .formatted(kind.name().toLowerCase(Locale.ROOT), model));
    }

    /**
     * Why these policies do not rule a version that demands others; empty when they do.
     *
     * @param now expired policies rule nothing
     */
    public static Optional<String> objection(
            InForce policies,
            ModelName model,
            PolicyDemand release,
            PolicyDemand output,
            Instant now) {
        return policies.release()
                .objection(Kind.RELEASE, model, release, now)
                .or(() -> policies.output().objection(Kind.OUTPUT, model, output, now));
    }
}

package dev.strongroom.vault.approval;

import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.format.ApprovalStatement.Word;
import dev.strongroom.crypto.format.Approvals;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.ApprovalHistory.Entry;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.catalog.ApprovalTable;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Shows requests to those whose business they are. Thread-safe. */
public final class ApprovalView {
    /**
     * A request as it stands.
     *
     * @param demands who must agree; empty when it is over or cannot be done any more
     * @param approvals what was signed; rejections are in the log only
     * @param document what is to be approved
     */
    public record Shown(
            Entry entry, List<ApproverSet> demands, Approvals approvals, byte[] document) {}

    private final Database database;
    private final AuditLog log;
    private final ApprovalLedger ledger;
    private final ChangeRule rules;
    private final InstantSource clock;

    public ApprovalView(
            Database database,
            AuditLog log,
            ApprovalLedger ledger,
            ChangeRule rules,
            InstantSource clock) {
        this.database = database;
        this.log = log;
        this.ledger = ledger;
        this.rules = rules;
        this.clock = clock;
    }

    /**
     * Requests that the caller may see, used and ended ones too; the one that ends first, first.
     */
    public List<Entry> list(Principal caller) {
        return log.views().approvals().all().stream()
                .filter(entry -> sees(caller, entry))
                .sorted(Comparator.comparing(Entry::notAfter).thenComparing(Entry::id))
                .toList();
    }

    /** What is to be a decoy is for those to know who see decoys. */
    private static boolean sees(Principal caller, Entry entry) {
        return caller.sees(entry.tenant())
                && (entry.change().kind() != Change.Kind.DECOY_PLANT
                        || caller.role() == AccessRole.OPERATOR);
    }

    /**
     * One request with what was signed.
     *
     * @throws RefusedException APPROVAL_NOT_FOUND, also for another tenant's
     */
    public Shown show(Principal caller, String id) throws RefusedException {
        Entry entry =
                log.views()
                        .approvals()
                        .find(id)
                        .filter(found -> sees(caller, found))
                        .orElseThrow(() ->
                                new RefusedException(
                                        Reason.APPROVAL_NOT_FOUND,
                                        "no approval request "
                                                + id
                                                + "; list them with: strongroom approvals list"));
        return database.<Shown, RefusedException>write(handle -> {
            requireKept(handle, entry);
            byte[] document = ledger.document(handle, entry);
            Approvals approvals = ledger.stored(handle, entry);
            return new Shown(
                    entry, demands(handle, entry, approvals, document), approvals, document);
        });
    }

    private void requireKept(Handle handle, Entry entry) throws RefusedException {
        if (!entry.isOpen(clock.instant()) && ApprovalTable.find(handle, entry.id()).isEmpty()) {
            throw new RefusedException(
                    Reason.APPROVAL_NOT_FOUND,
                    "approval request "
                            + entry.id()
                            + " is over, and what was signed is not kept any more; the audit log"
                            + " has who agreed");
        }
    }

    private List<ApproverSet> demands(
            Handle handle, Entry entry, Approvals approvals, byte[] document) {
        if (!entry.isOpen(clock.instant())) {
            return List.of();
        }
        try {
            return rules.demands(handle, approvals.request().verify(Word.REQUESTED), document);
        } catch (RefusedException | SealedFormatException e) {
            return List.of(); // what it asks for cannot be done any more
        }
    }
}

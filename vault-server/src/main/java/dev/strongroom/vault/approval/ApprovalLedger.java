package dev.strongroom.vault.approval;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.format.ApprovalStatement;
import dev.strongroom.crypto.format.Approvals;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedApprovals;
import dev.strongroom.vault.audit.ApprovalHistory;
import dev.strongroom.vault.audit.ApprovalHistory.Entry;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.ApprovalTable;
import dev.strongroom.vault.catalog.ApprovalTable.Request;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * The approvals on file, and their one use. What was signed comes from the database and is verified
 * each time; what was asked for, given and used is what the audit log says.
 *
 * <p>Thread-safe.
 */
public final class ApprovalLedger {
    /**
     * An approval that is being used.
     *
     * @param effect the decision to return from the transaction: its record makes the use final
     * @param approvals the signed originals
     */
    public record Used(Decision effect, Approvals approvals) {}

    private final AuditLog log;
    private final InstantSource clock;

    public ApprovalLedger(AuditLog log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    /**
     * Uses the approvals of a change up. Call it inside {@link AuditLog#append(AuditLog.Deciding)}
     * and return {@link Used#effect} from there: the record of the effect is what uses them, so
     * they are used once, and not at all when the transaction is undone.
     *
     * @param demands every one must be met
     * @param effect the decision that the approvals allow
     * @throws RefusedException APPROVAL_MISSING; APPROVAL_NOT_AUTHENTIC when the database is not
     *     what the log says
     */
    public Used use(Handle handle, Change change, List<ApproverSet> demands, Decision effect)
            throws RefusedException {
        Instant now = clock.instant();
        String objection = "nobody asked for it";
        for (Entry entry : open(change, now)) {
            Approvals stored = stored(handle, entry);
            Optional<String> unmet = objection(verified(entry, stored), change, demands, now);
            if (unmet.isEmpty()) {
                return new Used(record(effect, entry, demands), stored);
            }
            objection = unmet.get();
        }
        throw new RefusedException(
                Reason.APPROVAL_MISSING,
                change
                        + " needs approvals: "
                        + objection
                        + "; see them with: strongroom approvals list");
    }

    /** Those that fewest are missing for come last, so that a refusal speaks of them. */
    private List<Entry> open(Change change, Instant now) {
        return log.views().approvals().all().stream()
                .filter(entry -> entry.isOpen(now) && entry.change().equals(change))
                .sorted(
                        Comparator.<Entry>comparingInt(entry -> entry.approvers().size())
                                .thenComparing(Entry::id))
                .toList();
    }

    private static Optional<String> objection(
            VerifiedApprovals approvals, Change change, List<ApproverSet> demands, Instant now) {
        if (demands.isEmpty()) {
            throw new IllegalArgumentException("approvals without a demand");
        }
        return demands.stream()
                .flatMap(demand -> approvals.objection(change, demand, now).stream())
                .findFirst();
    }

    /** Names those whose approval counted. */
    private static Decision record(Decision effect, Entry entry, List<ApproverSet> demands) {
        return effect.with(ApprovalHistory.USED_FIELD, entry.id())
                .with(
                        "approvers",
                        entry.approvers().stream()
                                .filter(id ->
                                        demands.stream().anyMatch(d -> d.approvers().contains(id)))
                                .map(Digest::hex)
                                .collect(Collectors.joining(" ")));
    }

    /** The request's approvals, those that the log knows; all that it knows must be there. */
    Approvals stored(Handle handle, Entry entry) throws RefusedException {
        Request request =
                ApprovalTable.find(handle, entry.id()).orElseThrow(() -> notAsLogged(entry.id()));
        try {
            var approvals = new ArrayList<ApprovalStatement>();
            for (byte[] encoded : ApprovalTable.approvals(handle, entry.id())) {
                ApprovalStatement approval = ApprovalStatement.decode(encoded);
                if (entry.approvers().contains(approval.signer())) {
                    approvals.add(approval);
                }
            }
            if (approvals.size() != entry.approvers().size()) {
                throw notAsLogged(entry.id());
            }
            return new Approvals(ApprovalStatement.decode(request.statement()), approvals);
        } catch (SealedFormatException e) {
            throw notAsLogged(entry.id());
        }
    }

    private static VerifiedApprovals verified(Entry entry, Approvals stored)
            throws RefusedException {
        try {
            VerifiedApprovals approvals = stored.verify();
            boolean same =
                    Digest.sha256(stored.request().statement().payload()).equals(entry.payload());
            if (same) {
                return approvals;
            }
        } catch (SealedFormatException e) {
            throw notAsLogged(entry.id());
        }
        throw notAsLogged(entry.id());
    }

    /** The document of a request, if it is the one that was asked for. */
    byte[] document(Handle handle, Entry entry) throws RefusedException {
        return ApprovalTable.find(handle, entry.id())
                .map(Request::document)
                .filter(bytes -> Digest.sha256(bytes).equals(entry.change().document()))
                .orElseThrow(() -> notAsLogged(entry.id()));
    }

    /** Documents of what somebody asked for and nobody has used, of one kind. */
    List<byte[]> asked(Handle handle, Change.Kind kind) throws RefusedException {
        Instant now = clock.instant();
        var documents = new ArrayList<byte[]>();
        for (Entry entry : log.views().approvals().all()) {
            if (entry.change().kind() == kind && entry.isOpen(now)) {
                documents.add(document(handle, entry));
            }
        }
        return documents;
    }

    private static RefusedException notAsLogged(String id) {
        return new RefusedException(
                Reason.APPROVAL_NOT_AUTHENTIC,
                "what is stored of approval request "
                        + id
                        + " is not what the audit log says: the database was changed outside the"
                        + " vault; restore the data folder from a backup");
    }
}

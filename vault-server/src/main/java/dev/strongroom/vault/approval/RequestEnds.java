package dev.strongroom.vault.approval;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.audit.ApprovalHistory;
import dev.strongroom.vault.audit.ApprovalHistory.Entry;
import dev.strongroom.vault.audit.ApprovalHistory.Standing;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.ApprovalTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;

/**
 * Ends requests whose time is over, and forgets in the end what was signed for them.
 *
 * <p>Thread-safe.
 */
final class RequestEnds {
    private static final Duration KEPT_AFTER_END = Duration.ofDays(90);

    private final AuditLog log;
    private final InstantSource clock;

    RequestEnds(AuditLog log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    /** Writes down which requests ended without being used. */
    void writeDown() throws RefusedException {
        Instant now = clock.instant();
        for (Entry entry : log.views().approvals().all()) {
            if (entry.standing() == Standing.OPEN && !entry.isOpen(now)) {
                expire(entry.id());
            }
        }
    }

    /** Looks again in the transaction: what was used meanwhile did not expire. */
    private void expire(String id) throws RefusedException {
        try {
            log.<RefusedException>appendSigned(_ -> {
                Entry entry = requireExpired(id);
                return Decision.of(AuditRecord.APPROVAL_ENDED, Decision.VAULT, entry.tenant())
                        .with("request", id)
                        .with("subject", entry.change().subject())
                        .with(ApprovalHistory.STANDING_FIELD, Standing.EXPIRED.name());
            });
        } catch (RefusedException e) {
            if (e.reason() != Reason.APPROVAL_OVER) {
                throw e;
            }
        }
    }

    private Entry requireExpired(String id) throws RefusedException {
        return log.views()
                .approvals()
                .find(id)
                .filter(entry -> entry.standing() == Standing.OPEN)
                .filter(entry -> !entry.isOpen(clock.instant()))
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.APPROVAL_OVER, "approval request " + id + " is over"));
    }

    /** What was signed is kept for a while after a request's end; the log keeps that it was. */
    void forgetOld(Handle handle) {
        Instant now = clock.instant();
        for (String id : ApprovalTable.ids(handle)) {
            boolean old =
                    log.views()
                            .approvals()
                            .find(id)
                            .filter(entry -> now.isAfter(entry.notAfter().plus(KEPT_AFTER_END)))
                            .isPresent();
            if (old) {
                ApprovalTable.delete(handle, id);
            }
        }
    }
}

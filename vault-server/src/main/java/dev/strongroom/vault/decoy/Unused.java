package dev.strongroom.vault.decoy;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.vault.access.AccessInterceptor;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.approval.ApprovalDesk;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;

/**
 * Refuses as a decoy what somebody uses, used or is about to use: he would be out by doing his
 * work.
 *
 * <p>Thread-safe.
 */
final class Unused {
    private final AuditLog log;
    private final DecoyWatch watch;
    private final ApprovalDesk approvals;

    Unused(AuditLog log, DecoyWatch watch, ApprovalDesk approvals) {
        this.log = log;
        this.watch = watch;
        this.approvals = approvals;
    }

    void require(Decoy decoy) throws RefusedException {
        switch (decoy.kind()) {
            case MODEL -> requireModel(DecoySubjects.parsed(decoy.subject()));
            case KEY -> requireVersion(DecoySubjects.version(decoy.subject()), decoy.mark());
            case CREDENTIAL -> requireIdentity(decoy.subject());
            case METHOD -> requireMethod(decoy.subject());
        }
    }

    private void requireModel(ModelName model) throws RefusedException {
        if (log.views().leases().wasLeased(model)) {
            throw inUse("nodes have had leases on " + model);
        }
    }

    private void requireVersion(DecoySubjects.Version version, String id) throws RefusedException {
        if (log.views().leases().wasLeased(id)) {
            throw inUse(
                    "nodes have had leases on version %d of %s"
                            .formatted(version.number(), version.model()));
        }
        if (log.views().committed().isLatest(version.model(), version.number())) {
            throw inUse(
                    "version %d is the latest of %s, which nodes ask for; push another one after it"
                            .formatted(version.number(), version.model()));
        }
    }

    private void requireIdentity(String uri) throws RefusedException {
        if (Principal.ofUri(uri).filter(who -> who.role() == AccessRole.OPERATOR).isPresent()) {
            throw inUse("operators lift quarantines; take another role than operator");
        }
        if (log.views().issuedKeys().keysOf(uri).stream().anyMatch(approvals::isApprover)) {
            throw inUse(uri + " is an approver");
        }
        if (log.views().actors().has(uri) || watch.wasSeen(uri)) {
            throw inUse(uri + " has called this vault; issue a credential for the purpose");
        }
    }

    private static void requireMethod(String name) throws RefusedException {
        if (AccessInterceptor.knows(name)) {
            throw inUse(name + " is a method that this vault has");
        }
    }

    private static RefusedException inUse(String what) {
        return new RefusedException(
                Reason.DECOY_IN_USE, what + "; a decoy is something that nobody uses");
    }
}

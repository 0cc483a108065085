package dev.strongroom.vault.approval;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.DecoyPlanting;
import dev.strongroom.crypto.format.KekDestruction;
import dev.strongroom.crypto.format.OwnKeyChange;
import dev.strongroom.crypto.format.QuarantineLift;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What operators do is for the configured approvers to ask for and to agree to. */
final class RosterRule implements ChangeRule {
    private final Optional<Roster> roster;

    RosterRule(Optional<Roster> roster) {
        this.roster = roster;
    }

    @Override
    public List<ApproverSet> demands(Handle handle, ApprovalRequest request, byte[] document)
            throws RefusedException {
        ApproverSet approvers = require();
        if (!approvers.approvers().contains(request.requester())) {
            throw new RefusedException(
                    Reason.APPROVER_DENIED,
                    "the requester's key "
                            + request.requester()
                            + " is not one of the configured approvers; one of them has to ask, and"
                            + " his own key will not count");
        }
        switch (request.change().kind()) {
            case KEK_DESTROY -> requireDescribed(handle, request.change(), document);
            case CEREMONY -> requireDescribed(request.change(), document);
            case QUARANTINE_LIFT -> requireLift(request.change(), document);
            case DECOY_PLANT -> requirePlanting(request.change(), document);
            case POLICY_CHANGE -> throw new IllegalArgumentException("a policy has its own rule");
        }
        return List.of(approvers);
    }

    boolean names(Digest key) {
        return roster.filter(named -> named.names().containsKey(key)).isPresent();
    }

    boolean isNamed() {
        return roster.isPresent();
    }

    private static void requireDescribed(Change change, byte[] document) throws RefusedException {
        try {
            if (Change.of(OwnKeyChange.decode(document)).equals(change)) {
                return;
            }
        } catch (SealedFormatException e) {
            throw new RefusedException(Reason.APPROVAL_MALFORMED, "document: " + e.getMessage(), e);
        }
        throw new RefusedException(
                Reason.APPROVAL_MALFORMED,
                "the document is about another step than " + change.subject());
    }

    private static void requireLift(Change change, byte[] document) throws RefusedException {
        try {
            if (Change.of(QuarantineLift.decode(document)).equals(change)) {
                return;
            }
        } catch (SealedFormatException e) {
            throw new RefusedException(Reason.APPROVAL_MALFORMED, "document: " + e.getMessage(), e);
        }
        throw new RefusedException(
                Reason.APPROVAL_MALFORMED,
                "the document is about another quarantine than that of " + change.subject());
    }

    private static void requirePlanting(Change change, byte[] document) throws RefusedException {
        try {
            if (Change.of(DecoyPlanting.decode(document)).equals(change)) {
                return;
            }
        } catch (SealedFormatException e) {
            throw new RefusedException(Reason.APPROVAL_MALFORMED, "document: " + e.getMessage(), e);
        }
        throw new RefusedException(
                Reason.APPROVAL_MALFORMED,
                "the document is about another decoy than " + change.subject());
    }

    /** Those who must agree; none configured means that nothing is agreed to. */
    ApproverSet require() throws RefusedException {
        return roster.map(Roster::set)
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.APPROVERS_NOT_NAMED,
                                "this vault has no approvers; name them in its configuration under"
                                        + " approvals: and restart it"));
    }

    private static void requireDescribed(Handle handle, Change change, byte[] document)
            throws RefusedException {
        try {
            KekDestruction destruction = KekDestruction.decode(document);
            requireKek(handle, destruction.tenant(), destruction.version());
            if (Change.of(destruction).equals(change)) {
                return;
            }
        } catch (SealedFormatException e) {
            throw new RefusedException(Reason.APPROVAL_MALFORMED, "document: " + e.getMessage(), e);
        }
        throw new RefusedException(
                Reason.APPROVAL_MALFORMED,
                "the document is about another key than " + change.subject());
    }

    private static void requireKek(Handle handle, TenantName tenant, int version)
            throws RefusedException {
        TenantTable.require(handle, tenant);
        if (KekTable.all(handle, tenant).stream().noneMatch(kek -> kek.version() == version)) {
            throw new RefusedException(
                    Reason.APPROVAL_MALFORMED,
                    "tenant "
                            + tenant
                            + " has no key-encryption key "
                            + version
                            + "; list them with: strongroom keys status");
        }
    }
}

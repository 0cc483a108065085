package dev.strongroom.vault.approval;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Who agrees to what: operators' changes have configured approvers, a policy has its own. */
public final class ChangeRules implements ChangeRule {
    private final RosterRule roster;
    private final ChangeRule policies;

    /**
     * @param roster empty means that nothing operators do is ever agreed to
     * @param policies who agrees to a change of policy
     */
    public ChangeRules(Optional<Roster> roster, ChangeRule policies) {
        this.roster = new RosterRule(roster);
        this.policies = policies;
    }

    @Override
    public List<ApproverSet> demands(Handle handle, ApprovalRequest request, byte[] document)
            throws RefusedException {
        ChangeRule rule =
                switch (request.change().kind()) {
                    case POLICY_CHANGE -> policies;
                    case KEK_DESTROY, CEREMONY, QUARANTINE_LIFT, DECOY_PLANT -> roster;
                };
        return rule.demands(handle, request, document);
    }

    boolean isApprover(Digest key) {
        return roster.names(key);
    }

    boolean hasRoster() {
        return roster.isNamed();
    }

    /** Those who must agree to what operators do. */
    ApproverSet roster() throws RefusedException {
        return roster.require();
    }
}

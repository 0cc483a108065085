package dev.strongroom.vault.release;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.audit.Decision;
import java.util.Map;

/** What a release record says of the evidence. */
final class NodeClaims {
    private NodeClaims() {}

    /** The decision with every claim that a policy judges, so that another can be tried on it. */
    static Decision recorded(Decision decision, Claims claims) {
        Decision whole = decision;
        for (Map.Entry<String, String> claim : ReleasePolicy.mustName(claims).entrySet()) {
            whole = whole.with(AuditRecord.CLAIM_PREFIX + claim.getKey(), claim.getValue());
        }
        return whole;
    }
}

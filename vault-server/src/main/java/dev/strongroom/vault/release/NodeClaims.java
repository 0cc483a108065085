package dev.strongroom.vault.release;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.audit.Decision;
import java.util.List;
import java.util.Map;

/** The claims that records and revocations name for every kind of evidence. */
final class NodeClaims {
    private static final List<String> MEASUREMENTS =
            List.of("snp.measurement", "tdx.mrtd", "nitro.pcr0");
    private static final List<String> CHIPS =
            List.of("snp.chip-id", "tdx.ppid", "nitro.instance-id");

    private NodeClaims() {}

    /** What was launched; empty if the evidence does not say. */
    static String measurement(Claims claims) {
        return first(claims, MEASUREMENTS);
    }

    /** What it runs on; empty if the evidence does not say. */
    static String chip(Claims claims) {
        return first(claims, CHIPS);
    }

    /** The decision with every claim that a policy judges, so that another can be tried on it. */
    static Decision recorded(Decision decision, Claims claims) {
        Decision whole = decision;
        for (Map.Entry<String, String> claim : ReleasePolicy.mustName(claims).entrySet()) {
            whole = whole.with(AuditRecord.CLAIM_PREFIX + claim.getKey(), claim.getValue());
        }
        return whole;
    }

    private static String first(Claims claims, List<String> names) {
        return names.stream()
                .map(name -> claims.values().getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("");
    }
}

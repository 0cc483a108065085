package dev.strongroom.attestation;

import java.util.List;
import java.util.Optional;

/**
 * Everything that an appraisal found, for people and records. It is an account and no permission:
 * only a {@link Verdict.Trusted} is.
 *
 * @param vector trustworthiness in the manner of AR4SI
 * @param rules every rule in the order of evaluation
 * @param claims what authentic evidence says; empty when it is not authentic
 */
public record AppraisalResult(
        TrustVector vector, List<RuleOutcome> rules, Optional<Claims> claims) {
    public AppraisalResult {
        rules = List.copyOf(rules);
    }

    /** The rule that decided against the evidence, if one did. */
    public Optional<RuleOutcome> refusal() {
        return rules.stream().filter(RuleOutcome::hasFailed).findFirst();
    }
}

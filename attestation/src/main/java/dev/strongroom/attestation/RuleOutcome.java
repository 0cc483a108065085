package dev.strongroom.attestation;

/**
 * What became of one rule of an appraisal.
 *
 * @param rule stable name, for example {@code snp.signature} or {@code policy.snp.measurement}
 * @param state whether it held
 * @param expected what the rule wants, for people; never bytes of the evidence
 */
public record RuleOutcome(String rule, State state, String expected) {
    public enum State {
        PASSED,
        FAILED,
        /** An earlier failure, or the absence of what it judges, left nothing to judge. */
        NOT_EVALUATED
    }

    public static RuleOutcome passed(String rule, String expected) {
        return new RuleOutcome(rule, State.PASSED, expected);
    }

    public static RuleOutcome failed(String rule, String expected) {
        return new RuleOutcome(rule, State.FAILED, expected);
    }

    public static RuleOutcome notEvaluated(String rule, String expected) {
        return new RuleOutcome(rule, State.NOT_EVALUATED, expected);
    }

    public boolean hasFailed() {
        return state == State.FAILED;
    }
}

package dev.strongroom.attestation.policy;

/** What a policy says about authentic claims. */
public sealed interface PolicyDecision {
    /** Every demand is met. */
    record Allowed() implements PolicyDecision {}

    /**
     * One is not.
     *
     * @param rule stable name: {@code policy.} and the claim, or {@code policy.posture}, {@code
     *     policy.any-of}
     * @param reason what the policy demands
     */
    record Denied(String rule, String reason) implements PolicyDecision {}
}

package dev.strongroom.attestation;

/** What came of verifying evidence. */
public sealed interface Verdict<K> {
    /** The evidence is authentic, fresh, bound to the challenge and allowed by the policy. */
    record Trusted<K>(Attested<K> attested) implements Verdict<K> {}

    /**
     * It is not.
     *
     * @param rule stable name of the rule that refused, for example {@code snp.signature}
     * @param reason what was expected; never bytes of the evidence
     */
    record Refused<K>(String rule, String reason) implements Verdict<K> {}
}

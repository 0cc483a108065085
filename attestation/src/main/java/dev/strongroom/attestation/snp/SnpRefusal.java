package dev.strongroom.attestation.snp;

/** Carries a refusal out of nested checks; never leaves {@link SnpVerifier}. */
final class SnpRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    SnpRefusal(String rule, String reason) {
        super(reason, null, false, false);
        this.rule = rule;
    }

    SnpVerdict.Refused verdict() {
        return new SnpVerdict.Refused(rule, String.valueOf(getMessage()));
    }
}

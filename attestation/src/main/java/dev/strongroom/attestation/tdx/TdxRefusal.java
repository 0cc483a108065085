package dev.strongroom.attestation.tdx;

/** Carries a refusal out of nested checks; never leaves {@link TdxVerifier}. */
final class TdxRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    TdxRefusal(String rule, String reason) {
        super(reason, null, false, false);
        this.rule = rule;
    }

    TdxVerdict.Refused verdict() {
        return new TdxVerdict.Refused(rule, String.valueOf(getMessage()));
    }
}

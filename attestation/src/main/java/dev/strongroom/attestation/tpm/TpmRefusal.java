package dev.strongroom.attestation.tpm;

/** Carries a refusal out of nested checks; never leaves {@link TpmVerifier}. */
final class TpmRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    TpmRefusal(String rule, String reason) {
        super(reason, null, false, false);
        this.rule = rule;
    }

    TpmVerdict.Refused verdict() {
        return new TpmVerdict.Refused(rule, String.valueOf(getMessage()));
    }
}

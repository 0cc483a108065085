package dev.strongroom.attestation.nvidia;

/** Carries a refusal out of nested checks; never leaves {@link NvidiaVerifier}. */
final class NvidiaRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    NvidiaRefusal(String rule, String reason) {
        super(reason, null, false, false);
        this.rule = rule;
    }

    NvidiaVerdict.Refused verdict() {
        return new NvidiaVerdict.Refused(rule, String.valueOf(getMessage()));
    }
}

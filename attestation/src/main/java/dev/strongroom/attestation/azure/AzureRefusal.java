package dev.strongroom.attestation.azure;

/** Carries a refusal out of nested checks; never leaves the verifiers. */
final class AzureRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    AzureRefusal(String rule, String reason) {
        super(reason, null, false, false);
        this.rule = rule;
    }

    String rule() {
        return rule;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}

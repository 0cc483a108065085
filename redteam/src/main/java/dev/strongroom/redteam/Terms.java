package dev.strongroom.redteam;

import java.time.Duration;

/** On what terms somebody calls. */
enum Terms {
    /** A thief on trial, who spreads what a day gives him over the day. */
    TRIAL("trial"),
    /** Somebody with a contract, whose budget does not end. */
    CONTRACT("consumer"),
    /** A consumer under the policy that an owner starts from, who asks as much as a flag leaves. */
    STANDARD("client");

    private final String role;

    Terms(String role) {
        this.role = role;
    }

    /** In the caller's certificate; the policy vouches for it. */
    String role() {
        return role;
    }

    /** From one call to the next, whoever makes them; no figure is of a rate. */
    Duration pace() {
        return switch (this) {
            case TRIAL -> Duration.ofDays(1).dividedBy(Policy.TRIAL_ANSWERS);
            case CONTRACT -> Duration.ofSeconds(1);
            case STANDARD -> Duration.ofDays(1).dividedBy(Policy.FLAGGED_ANSWERS);
        };
    }
}

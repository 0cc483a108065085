package dev.strongroom.ops;

/** What a script can rely on; numbers are documented and never reused. */
enum ExitCode {
    OK(0, "ok"),
    LOCAL(1, "local"),
    REMOTE(2, "remote"),
    NOT_FOUND(3, "not-found"),
    DENIED(4, "denied"),
    VERIFICATION_FAILED(5, "verification-failed"),
    CONFLICT(6, "conflict"),
    RATE_LIMITED(7, "rate-limited");

    private final int number;
    private final String label;

    ExitCode(int number, String label) {
        this.number = number;
        this.label = label;
    }

    int number() {
        return number;
    }

    /** The {@code code} of an error in JSON when no more exact reason is known. */
    String label() {
        return label;
    }
}

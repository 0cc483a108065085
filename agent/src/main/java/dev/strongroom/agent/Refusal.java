package dev.strongroom.agent;

/** A request breaks a rule. The rule and the reason are for the log, never for the caller. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    /**
     * @param rule a stable name
     */
    Refusal(String rule, String why) {
        super(why);
        this.rule = rule;
    }

    Refusal(String rule, Exception cause) {
        super(String.valueOf(cause.getMessage()), cause);
        this.rule = rule;
    }

    String rule() {
        return rule;
    }
}

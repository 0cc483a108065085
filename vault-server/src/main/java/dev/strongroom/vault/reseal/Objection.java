package dev.strongroom.vault.reseal;

/** One rule that a new seal breaks; nothing is changed. */
final class Objection extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    /**
     * @param rule stable name
     * @param why what was expected
     */
    Objection(String rule, String why) {
        super(why);
        this.rule = rule;
    }

    String rule() {
        return rule;
    }
}

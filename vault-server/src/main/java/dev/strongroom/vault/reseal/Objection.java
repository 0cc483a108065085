package dev.strongroom.vault.reseal;

/** One rule that a new seal breaks; nothing is changed. */
class Objection extends Exception {
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

    final String rule() {
        return rule;
    }

    /** The key to wrap under was replaced since it was looked up; another attempt may succeed. */
    static final class KekReplaced extends Objection {
        private static final long serialVersionUID = 1L;

        KekReplaced() {
            super("kek.retired", "the key-encryption key was replaced; try again");
        }
    }
}

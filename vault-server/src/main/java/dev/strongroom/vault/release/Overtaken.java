package dev.strongroom.vault.release;

/** Something that the appraisal found in order is not any more. */
final class Overtaken extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Appraisal.Objection objection;

    Overtaken(Appraisal.Objection objection) {
        super(objection.rule());
        this.objection = objection;
    }

    Overtaken(String rule, String why) {
        this(new Appraisal.Objection(rule, why));
    }

    Appraisal.Objection objection() {
        return objection;
    }
}

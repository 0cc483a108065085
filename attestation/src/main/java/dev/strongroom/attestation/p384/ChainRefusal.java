package dev.strongroom.attestation.p384;

/** A chain is not to be believed. Each verifier turns the step into a rule of its own name. */
public final class ChainRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final String step;

    ChainRefusal(String step, String reason) {
        super(reason, null, false, false);
        this.step = step;
    }

    /** Which step refused: certificate, keys, length, root, validity, usage or path. */
    public String step() {
        return step;
    }

    /** What was expected. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}

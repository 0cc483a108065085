package dev.strongroom.client;

/**
 * Something this machine decided: a local file is unfit, a pin is missing, a proof does not hold.
 * What a server refused arrives as gRPC's {@code StatusRuntimeException} instead.
 *
 * <p>The message says what failed and what was expected, {@link #nextStep()} what to do about it;
 * neither holds content of a model or a key.
 */
public final class ClientException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Which kind of failure; a caller decides by it, never by the text. */
    public enum Kind {
        /** Input or configuration on this machine. */
        LOCAL,
        /** Something that was asked for does not exist. */
        NOT_FOUND,
        /** This machine's own rules forbid it, for example a push without a pin. */
        DENIED,
        /** A signature, proof, digest or piece of evidence does not hold. */
        VERIFICATION_FAILED,
        /** Another process is doing the same, or the state moved on. */
        CONFLICT
    }

    private final Kind kind;
    private final String nextStep;

    public ClientException(Kind kind, String message, String nextStep) {
        super(message);
        this.kind = kind;
        this.nextStep = nextStep;
    }

    public ClientException(Kind kind, String message, String nextStep, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.nextStep = nextStep;
    }

    /** A fault in what the caller gave or in a file of this machine. */
    public static ClientException local(String message, String nextStep) {
        return new ClientException(Kind.LOCAL, message, nextStep);
    }

    /** A check of something that came from outside failed. */
    public static ClientException unverified(String message, String nextStep) {
        return new ClientException(Kind.VERIFICATION_FAILED, message, nextStep);
    }

    public Kind kind() {
        return kind;
    }

    /** One sentence or command; never empty. */
    public String nextStep() {
        return nextStep;
    }
}

package dev.strongroom.serving.engine;

/** The opened model cannot be served: malformed, beyond a limit, or of a kind not supported. */
public final class UnservableModelException extends Exception {
    private static final long serialVersionUID = 1L;

    UnservableModelException(String message) {
        super(message);
    }
}

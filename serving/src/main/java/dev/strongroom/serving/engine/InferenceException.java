package dev.strongroom.serving.engine;

/** The model did not run on these inputs. The message never holds an input's values. */
public final class InferenceException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Who has to change something. */
    public enum Fault {
        INPUT,
        ENGINE,
        /** Nobody: the run was over before it had an answer. */
        STOPPED,
        /** Nobody: the engine was closed. */
        CLOSED
    }

    private final Fault fault;

    public InferenceException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }
}

package dev.strongroom.serving.engine;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one thread does with ONNX Runtime at the moment, so that the allocator it calls on that
 * thread can end it when memory has run out.
 *
 * <p>For one thread; it is the thread's current one until it is closed.
 */
final class Overdraft implements AutoCloseable {
    private static final ThreadLocal<@Nullable Overdraft> CURRENT = new ThreadLocal<>();

    private final Runnable end;
    private boolean drawn;

    private Overdraft(Runnable end) {
        this.end = end;
    }

    /**
     * @param end has the work of this thread end at its next step
     */
    static Overdraft begin(Runnable end) {
        var overdraft = new Overdraft(end);
        CURRENT.set(overdraft);
        return overdraft;
    }

    static Optional<Overdraft> current() {
        return Optional.ofNullable(CURRENT.get());
    }

    /** Memory was refused: what is computed from now on is wrong. */
    void draw() {
        drawn = true;
        end.run();
    }

    boolean drawn() {
        return drawn;
    }

    /**
     * Refuses what was computed without memory.
     *
     * @throws InferenceException INPUT
     */
    void requireCovered() throws InferenceException {
        if (drawn) {
            throw new InferenceException(
                    InferenceException.Fault.INPUT,
                    "the model needs more memory for inputs of this size than this node has for"
                            + " it; send less at once");
        }
    }

    @Override
    public void close() {
        CURRENT.remove();
    }
}

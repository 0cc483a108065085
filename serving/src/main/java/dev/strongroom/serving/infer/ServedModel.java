package dev.strongroom.serving.infer;

import dev.strongroom.serving.engine.Engine;

/**
 * A version of a model that this node serves.
 *
 * <p>Thread-safe. Its engine is open while a call holds the model.
 */
public final class ServedModel {
    private final String name;
    private final String version;
    private final Engine engine;
    private final Admission admission;
    private final Lane lane = new Lane();

    /**
     * @param name {@code tenant/name}
     * @param version as the vault numbered it, decimal
     * @param engine open while a call holds the model
     * @param admission whether its lease lets inferences run
     */
    public ServedModel(String name, String version, Engine engine, Admission admission) {
        this.name = name;
        this.version = version;
        this.engine = engine;
        this.admission = admission;
    }

    public String name() {
        return name;
    }

    public String version() {
        return version;
    }

    public Engine engine() {
        return engine;
    }

    public Admission admission() {
        return admission;
    }

    /** True while its lease lets inferences through. */
    public boolean ready() {
        return admission.refusal().isEmpty();
    }

    /** True if requests of several callers may run as one. */
    boolean batches() {
        return false;
    }

    /** What waits for it; guarded by the lock of {@link Lanes}. */
    Lane lane() {
        return lane;
    }
}

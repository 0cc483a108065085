package dev.strongroom.serving.infer;

import dev.strongroom.serving.engine.Engine;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A version of a model that this node serves.
 *
 * <p>Thread-safe. Its engine is open while a call holds the model.
 */
public final class ServedModel {
    private static final Logger LOG = LoggerFactory.getLogger(ServedModel.class);

    private final String name;
    private final String version;
    private final Engine engine;
    private final Admission admission;
    private final ReceiptDesk receipts;
    private final Lane lane = new Lane();
    private final RunTimes times = new RunTimes();
    private final Statistics statistics = new Statistics();
    private final AtomicBoolean proving = new AtomicBoolean();
    private volatile boolean batches;

    /**
     * @param name {@code tenant/name}
     * @param version as the vault numbered it, decimal
     * @param engine open while a call holds the model
     * @param admission whether its lease lets inferences run
     * @param receipts of its answers
     */
    public ServedModel(
            String name, String version, Engine engine, Admission admission, ReceiptDesk receipts) {
        this.name = name;
        this.version = version;
        this.engine = engine;
        this.admission = admission;
        this.receipts = receipts;
    }

    /** One that gives no receipts. */
    public ServedModel(String name, String version, Engine engine, Admission admission) {
        this(name, version, engine, admission, ReceiptDesk.CLOSED);
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

    public ReceiptDesk receipts() {
        return receipts;
    }

    /** True while its lease lets inferences through. */
    public boolean ready() {
        return admission.refusal().isEmpty();
    }

    public Statistics statistics() {
        return statistics;
    }

    /** True if requests of several callers may run as one, once that is proven. */
    public boolean batches() {
        return batches;
    }

    /** Finds out whether its rows may run together, the first time that this is called. */
    void proveRows() {
        if (!proving.compareAndSet(false, true)) {
            return;
        }
        try {
            batches = RowProof.holds(engine);
        } catch (RuntimeException e) {
            LOG.warn("model.rows_unknown model={} its callers' rows never run together", name, e);
        }
        LOG.info("model.rows model={} version={} batched={}", name, version, batches);
    }

    /** How long it runs. */
    RunTimes times() {
        return times;
    }

    /** What waits for it; guarded by the lock of {@link Lanes}. */
    Lane lane() {
        return lane;
    }
}

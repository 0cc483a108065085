package dev.strongroom.serving.infer;

import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.engine.TensorSignature;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A version of a model that this node serves.
 *
 * <p>Thread-safe. Its engine is open while a call holds the model.
 */
public final class ServedModel implements PublicModel {
    private static final Logger LOG = LoggerFactory.getLogger(ServedModel.class);

    private final String name;
    private final String tenant;
    private final String version;
    private final Engine engine;
    private final Admission admission;
    private final ReceiptDesk receipts;
    private final Optional<Generative> generative;
    private volatile RunSettings settings;
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
     * @param generation how its owner has it generate, if it does
     * @param settings how it is run
     */
    public ServedModel(
            String name,
            String version,
            Engine engine,
            Admission admission,
            ReceiptDesk receipts,
            GenerationSettings generation,
            RunSettings settings) {
        this.name = name;
        this.tenant = name.substring(0, Math.max(0, name.indexOf('/')));
        this.version = version;
        this.engine = engine;
        this.admission = admission;
        this.receipts = receipts;
        this.settings = settings;
        this.generative =
                engine.decoder()
                        .map(decoder ->
                                new Generative(
                                        decoder,
                                        generation.endOfSequence(),
                                        generation.contextTokens()));
    }

    /** One that gives no receipts. */
    public ServedModel(String name, String version, Engine engine, Admission admission) {
        this(
                name,
                version,
                engine,
                admission,
                ReceiptDesk.CLOSED,
                GenerationSettings.UNKNOWN,
                RunSettings.STANDARD);
    }

    @Override
    public String name() {
        return name;
    }

    /** Whose it is. */
    String tenant() {
        return tenant;
    }

    @Override
    public String version() {
        return version;
    }

    public Engine engine() {
        return engine;
    }

    /** How it is run. */
    public RunSettings settings() {
        return settings;
    }

    /** Has it run otherwise from now on; its session's threads are its engine's matter. */
    public void become(RunSettings other) {
        settings = other;
    }

    /** How it goes on with sequences, if it does. */
    Optional<Generative> generative() {
        return generative;
    }

    /** What callers give it; of one that generates, not what its session takes. */
    @Override
    public List<TensorSignature> inputs() {
        return generative.isPresent() ? GenerationRequest.INPUTS : engine.inputs();
    }

    /** What callers get of it; of one that generates, not what its session gives. */
    @Override
    public List<TensorSignature> outputs() {
        return generative.isPresent() ? GenerationRequest.OUTPUTS : engine.outputs();
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

    /** True once it was looked whether its rows may run together, whatever came of it. */
    boolean knowsRows() {
        return proving.get();
    }

    /**
     * Finds out whether its rows may run together, the first time that this is called under a
     * lease. The caller holds the model.
     */
    public void proveRows() {
        if (!ready() || !proving.compareAndSet(false, true)) {
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

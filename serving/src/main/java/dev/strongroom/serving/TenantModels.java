package dev.strongroom.serving;

import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.load.SealedFiles;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.models.ModelRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One tenant's models on this node. What is brought in for it has a lock, threads and a folder of
 * ciphertext of its own: it waits for no other tenant's load, and keeps none waiting.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class TenantModels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TenantModels.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private final TenantName name;
    private final List<NodeModel> models;
    private final SealedFiles ciphertext;
    private final ModelRegistry registry;
    private final Supplier<LeaseLife> serving;
    private final ReentrantLock loading = new ReentrantLock(); // one at a time: they share a budget
    private final Recall recall = new Recall(InstantSource.system());
    private final List<VersionWatch> watches = new ArrayList<>(); // of who starts it, as the next
    private Optional<Attempts> attempts = Optional.empty();

    /**
     * @param models of the tenant, in the order of the configuration
     * @param ciphertext of these models and no others
     * @param serving a lease of this process, whose TLS key all leases are for
     */
    TenantModels(
            TenantName name,
            List<NodeModel> models,
            SealedFiles ciphertext,
            ModelRegistry registry,
            Supplier<LeaseLife> serving) {
        this.name = name;
        this.models = List.copyOf(models);
        this.ciphertext = ciphertext;
        this.registry = registry;
        this.serving = serving;
    }

    /** By the rules of all its models, as far as they are known. */
    ConnectionLimits limits() {
        return ConnectionLimits.of(
                models.stream().flatMap(model -> model.rules().stream()).toList());
    }

    /** Brings in what fits beside what is there, and gives up at the first that fails. */
    void bringAll()
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        for (NodeModel model : models) {
            bring(model);
        }
        keepFiles();
    }

    /** The same on a thread of its own; what fails is said, and tried again after a pause. */
    Attempts bringAllInTime() {
        Attempts begun =
                Attempts.begin("models-" + name, FIRST_PAUSE, LONGEST_PAUSE, this::bringRest);
        attempts = Optional.of(begun);
        return begun;
    }

    private boolean bringRest(Duration pause) throws InterruptedException {
        boolean all = true;
        for (NodeModel model : models) {
            try {
                bring(model);
            } catch (NodeException
                    | LeaseException
                    | MemoryProtectionException
                    | IOException
                    | RuntimeException e) {
                all = false;
                LOG.warn(
                        "model.left-out model={} the others go on; tried again in {}",
                        model.name(),
                        pause,
                        e);
            }
        }
        if (all) {
            loading.lockInterruptibly();
            try {
                keepFilesOrSay();
            } finally {
                loading.unlock();
            }
        }
        return all;
    }

    /** Also learns the rules of one for which there is no room; not again of what was here once. */
    private void bring(NodeModel model)
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        loading.lockInterruptibly();
        try {
            LeaseLife beside = serving.get();
            if (model.opened().isEmpty()
                    && !(model.fits(beside, registry) && model.load(beside, registry))) {
                model.foresee(beside);
            }
        } finally {
            endLoad();
        }
    }

    /** Begins to look for later versions, where that is wanted, and to go by aliases. */
    void watch() {
        for (NodeModel model : models) {
            watches.add(
                    model.wanted().alias().isPresent()
                            ? followingAlias(model)
                            : VersionWatch.start(model.wanted().follow(), () -> follow(model)));
        }
    }

    private VersionWatch followingAlias(NodeModel model) {
        var watch = VersionWatch.whenTold(() -> model.isUnsettled(registry), () -> follow(model));
        model.whenAliasMoved(watch::lookSoon);
        watch.lookSoon(); // at what moved meanwhile
        return watch;
    }

    private void follow(NodeModel model)
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        loading.lockInterruptibly();
        try {
            if (model.follow(registry)) {
                keepFiles();
            }
        } finally {
            endLoad();
        }
    }

    /** A model was there for a caller. */
    void called(Caller caller, NodeModel model) {
        recall.called(caller, model.name());
    }

    /** Has a model that is not in memory brought there, and says so. */
    RefusedException bringIn(Caller caller, NodeModel model) {
        return model.rules().isEmpty()
                ? away(model) // nobody knows yet whom it may answer
                : recall.refusal(caller, model.name(), model::vouchesFor, () -> load(model));
    }

    static RefusedException away(NodeModel model) {
        return RefusedException.later(
                "MODEL_AWAY",
                "model '%s' was not in memory yet".formatted(model.name()),
                RETRY_AFTER);
    }

    private Recall.Outcome load(NodeModel model) {
        loading.lock();
        try {
            Set<String> gone = new HashSet<>(there());
            boolean came = comes(model);
            gone.removeAll(there());
            return new Recall.Outcome(came, gone);
        } finally {
            endLoad();
        }
    }

    /** What failed leaves its room. */
    private void endLoad() {
        registry.abandon(name.value());
        loading.unlock();
    }

    private List<String> there() {
        return models.stream().map(NodeModel::name).filter(registry::has).toList();
    }

    /** True if it came in now. */
    private boolean comes(NodeModel model) {
        try {
            boolean came = !registry.has(model.name()) && model.load(serving.get(), registry);
            if (!registry.has(model.name())) {
                LOG.warn("model.no-room model={} the others are in use", model.name());
            }
            keepFiles();
            return came;
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } catch (NodeException
                | LeaseException
                | MemoryProtectionException
                | IOException
                | RuntimeException e) {
            LOG.warn("model.not-loaded model={} tried again at its next call", model.name(), e);
        }
        return false;
    }

    private void keepFilesOrSay() {
        try {
            keepFiles();
        } catch (IOException e) {
            LOG.warn("sealed.not-deleted tenant={} what is not needed any more", name, e);
        }
    }

    private void keepFiles() throws IOException {
        List<Path> files = models.stream().flatMap(model -> model.files().stream()).toList();
        ciphertext.keepOnly(files);
    }

    /** Brings nothing in any more. */
    @Override
    public void close() {
        attempts.ifPresent(Attempts::close);
        watches.forEach(VersionWatch::close);
        recall.close();
    }
}

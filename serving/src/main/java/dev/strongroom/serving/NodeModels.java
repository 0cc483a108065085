package dev.strongroom.serving;

import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.ServingProof;
import dev.strongroom.enclave.load.SealedFiles;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.LiveLimits;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.ChosenGuard;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.models.ModelRegistry;
import dev.strongroom.serving.rpc.EvidenceService;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All models that this node was told to serve. Those that fit the memory budget are there from the
 * start; an inference of another one has it brought in, for which whatever was not called for
 * longest of the same tenant's and is idle leaves. Each has a guard of its own.
 *
 * <p>Thread-safe. The owner closes it when no call comes in any more.
 */
final class NodeModels implements ServedModels, EvidenceService.Proofs, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeModels.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private final ModelRegistry registry;
    private final SealedFiles ciphertext;
    private final Map<String, NodeModel> known = new LinkedHashMap<>();
    private final ReentrantLock loading = new ReentrantLock(); // one at a time: they share a budget
    private final Recall recall = new Recall(InstantSource.system());
    private final List<VersionWatch> watches = new ArrayList<>();
    private volatile Runnable revised = () -> {};

    private NodeModels(ModelRegistry registry, SealedFiles ciphertext) {
        this.registry = registry;
        this.ciphertext = ciphertext;
    }

    /**
     * Brings in the first model, and the others as far as they fit beside each other.
     *
     * @param meters of rates by model and tier
     */
    static NodeModels load(
            NodeConfig config,
            DataFolder folder,
            NodeNeeds needs,
            Fit fitness,
            MeterRegistry meters,
            StartTimes times)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        Profile profile = config.loading().profile(fitness);
        var files = new SealedFiles(folder.sealed());
        var models =
                new NodeModels(
                        new ModelRegistry(
                                config.loading().memoryBytes() / config.tenants().size(),
                                InstantSource.system()),
                        files);
        for (NodeConfig.Wanted wanted : config.models()) {
            LeaseNeeds own = needs.of(wanted.name());
            var loader = new ModelLoader(config, wanted, folder, own, fitness, profile, files);
            var model =
                    new NodeModel(wanted, loader, own, folder, meters, () -> models.revised.run());
            models.known.put(model.name(), model);
        }
        try {
            models.first().loadFirst(models.registry, times);
            models.loadRest();
            return models;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            models.close();
            throw new IOException("interrupted while models were loaded", e);
        } catch (NodeException
                | LeaseException
                | MemoryProtectionException
                | IOException
                | RuntimeException e) {
            models.close();
            throw e;
        }
    }

    private NodeModel first() {
        return known.values().iterator().next();
    }

    /** Of the model that was in memory first: all leases of this process are for its TLS key. */
    CurrentLife current() {
        return first().opened().orElseThrow().current();
    }

    /**
     * What the node's certificate can prove: that it serves its only model. A certificate speaks of
     * one; callers of several ask on the channel.
     */
    Optional<ServingProof> ofOnlyModel() {
        return known.size() > 1 ? Optional.empty() : first().opened().map(NodeModel.Opened::proof);
    }

    /** One under which this node serves models of a tenant now. */
    Optional<Lease> anyLease(String tenant) {
        return known.values().stream()
                .filter(model -> model.isOf(tenant))
                .flatMap(model -> model.opened().stream())
                .map(opened -> opened.current().get())
                .filter(LeaseLife::listens)
                .map(life -> life.grant().lease())
                .findFirst();
    }

    private LeaseLife serving() {
        return current().get();
    }

    private void loadRest()
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        for (NodeModel model : known.values()) {
            if (model.opened().isEmpty() && model.fits(serving(), registry)) {
                model.load(serving(), registry);
            }
        }
        keepFiles();
    }

    /** What callers connect by, whichever model they want; goes with the owners' revisions. */
    LiveLimits connections() throws NodeException, LeaseException, IOException {
        for (NodeModel model : known.values()) {
            model.foresee(serving());
        }
        var limits =
                new LiveLimits(
                        () -> ConnectionLimits.of(rules(_ -> true)),
                        tenant -> ConnectionLimits.of(rules(tenant)));
        revised = limits::revise;
        limits.revise(); // what came in between
        return limits;
    }

    /** Those of a tenant's models; all, for who comes for none of them. */
    private List<OutputPolicy> rules(String tenant) {
        List<OutputPolicy> own = rules(model -> model.isOf(tenant));
        return own.isEmpty() ? rules(_ -> true) : own;
    }

    private List<OutputPolicy> rules(Predicate<NodeModel> of) {
        return known.values().stream().filter(of).flatMap(model -> model.rules().stream()).toList();
    }

    /** Begins to look for later versions, where that is wanted, and to go by aliases. */
    void watch() {
        for (NodeModel model : known.values()) {
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
            loading.unlock();
        }
    }

    private void keepFiles() throws IOException {
        List<Path> files =
                known.values().stream().flatMap(model -> model.files().stream()).toList();
        ciphertext.keepOnly(files);
    }

    @Override
    public Optional<Hold> hold(String name, String version) {
        return registry.hold(name, number(name, version));
    }

    /** Who asks for the alias that the node goes by asks for whichever version is in force. */
    private String number(String name, String version) {
        NodeModel model = known.get(name);
        return model != null && model.isAlias(version) ? "" : version;
    }

    @Override
    public Hold requireFor(Caller caller, String name, String version) throws RefusedException {
        Optional<Hold> hold = hold(name, version);
        if (hold.isPresent()) {
            recall.called(caller, name);
            return hold.get();
        }
        bringIn(caller, name);
        return require(name, version);
    }

    @Override
    public boolean away(String name) {
        return known.containsKey(name) && !registry.has(name);
    }

    @Override
    public List<ServedModel> inForce() {
        return registry.inForce();
    }

    @Override
    public List<ServedModel> open() {
        return registry.open();
    }

    /** Has a model that is not in memory brought there, and says so. */
    private void bringIn(Caller caller, String name) throws RefusedException {
        NodeModel model = known.get(name);
        if (model != null && away(name)) {
            throw recall.refusal(caller, name, model::vouchesFor, () -> load(model));
        }
    }

    private Recall.Outcome load(NodeModel model) {
        loading.lock();
        try {
            Set<String> gone = new HashSet<>(there());
            boolean came = comes(model);
            gone.removeAll(there());
            return new Recall.Outcome(came, gone);
        } finally {
            loading.unlock();
        }
    }

    private List<String> there() {
        return inForce().stream().map(ServedModel::name).toList();
    }

    /** True if it came in now. */
    private boolean comes(NodeModel model) {
        try {
            boolean came = !registry.has(model.name()) && model.load(serving(), registry);
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

    /** Each model's own. */
    ChosenGuard guards() {
        return model ->
                Optional.ofNullable(known.get(model.name()))
                        .flatMap(NodeModel::guard)
                        .orElseThrow();
    }

    @Override
    public EvidenceService.Proven soonOf(Caller caller, String name) throws RefusedException {
        require(caller, name);
        bringIn(caller, name);
        return of(caller, name);
    }

    /** Names his tenant's in a refusal, and no other's. */
    private NodeModel require(Caller caller, String name) throws RefusedException {
        NodeModel model = known.get(name);
        if (model != null && model.isOf(caller.tenant())) {
            return model;
        }
        throw new RefusedException(
                Status.Code.NOT_FOUND,
                "MODEL_NOT_FOUND",
                "model '%s' is not served here (expected: %s)"
                        .formatted(
                                InferenceRequest.echo(name),
                                known.values().stream()
                                        .filter(each -> each.isOf(caller.tenant()))
                                        .map(NodeModel::name)
                                        .collect(Collectors.joining(", "))));
    }

    @Override
    public EvidenceService.Proven of(Caller caller, String name) throws RefusedException {
        NodeModel model = require(caller, name);
        NodeModel.Opened opened =
                model.opened()
                        .orElseThrow(() ->
                                RefusedException.later(
                                        "MODEL_AWAY",
                                        "model '%s' was not in memory yet".formatted(name),
                                        RETRY_AFTER));
        return new EvidenceService.Proven(opened.proof(), opened.current());
    }

    /** Names and versions in memory now. */
    List<String> summary() {
        return inForce().stream().map(model -> model.name() + ":" + model.version()).toList();
    }

    /** Before calls end: brings nothing in any more. */
    void stop() {
        watches.forEach(VersionWatch::close);
        recall.close();
    }

    @Override
    public void close() {
        known.values().forEach(NodeModel::close);
        registry.close();
    }
}

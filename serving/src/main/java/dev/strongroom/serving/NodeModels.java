package dev.strongroom.serving;

import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.TenantName;
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
import dev.strongroom.serving.models.TenantMemory;
import dev.strongroom.serving.rpc.EvidenceService;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All models that this node was told to serve, tenant by tenant. Those that fit the memory budget
 * are there from the start; an inference of another one has it brought in, for which whatever was
 * not called for longest of the same tenant's and is idle leaves. Each has a guard of its own.
 *
 * <p>On a node of several tenants a model that cannot be brought in at the start costs nobody else
 * anything: the others are served, and it is tried again. Such a node starts as long as one model
 * can be served; a node of one tenant starts with all that fit or not at all.
 *
 * <p>Thread-safe. The owner closes it when no call comes in any more.
 */
final class NodeModels implements ServedModels, EvidenceService.Proofs, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeModels.class);
    private static final Duration START_PATIENCE = Duration.ofSeconds(20); // for tenants' first try

    private final ModelRegistry registry;
    private final Map<String, NodeModel> known = new LinkedHashMap<>();
    private final Map<String, TenantModels> tenants = new LinkedHashMap<>();
    private volatile Runnable revised = () -> {};
    private volatile Optional<NodeModel> first = Optional.empty(); // that came into memory

    private NodeModels(ModelRegistry registry) {
        this.registry = registry;
    }

    /**
     * Brings in the first model that can be, and the others as far as they fit beside each other.
     *
     * @param meters of rates by model and tier
     * @throws NodeException if none can be served; of several tenants, why the first one cannot
     */
    static NodeModels load(
            NodeConfig config,
            DataFolder folder,
            NodeNeeds needs,
            Fit fitness,
            MeterRegistry meters,
            StartTimes times)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        folder.keepSealed(needs.tenants());
        Map<String, TenantMemory> memory =
                needs.tenants().stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        TenantName::value,
                                        _ ->
                                                config.loading()
                                                        .memory(needs.tenants().size(), fitness)));
        var models =
                new NodeModels(
                        new ModelRegistry(
                                tenant -> Objects.requireNonNull(memory.get(tenant)),
                                InstantSource.system()));
        for (TenantName tenant : needs.tenants()) {
            var files = new SealedFiles(folder.sealed(tenant));
            Profile profile = Objects.requireNonNull(memory.get(tenant.value())).profile();
            List<NodeModel> own = new ArrayList<>();
            for (NodeConfig.Wanted wanted : config.models()) {
                if (wanted.name().tenant().equals(tenant)) {
                    LeaseNeeds lives = needs.of(wanted.name());
                    var loader =
                            new ModelLoader(config, wanted, folder, lives, fitness, profile, files);
                    own.add(
                            new NodeModel(
                                    wanted,
                                    loader,
                                    lives,
                                    folder,
                                    meters,
                                    () -> models.revised.run()));
                }
            }
            models.add(tenant, own, files);
        }
        try {
            models.begin(config, times);
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

    private void add(TenantName tenant, List<NodeModel> own, SealedFiles files) {
        own.forEach(model -> known.put(model.name(), model));
        tenants.put(tenant.value(), new TenantModels(tenant, own, files, registry, this::serving));
    }

    private void begin(NodeConfig config, StartTimes times)
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        List<NodeModel> inOrder =
                config.models().stream().map(each -> known.get(each.name().toString())).toList();
        if (tenants.size() == 1) {
            inOrder.getFirst().loadFirst(registry, times);
            first = Optional.of(inOrder.getFirst());
            tenants.values().iterator().next().bringAll();
        } else {
            bringAny(inOrder, times);
            bringOthers();
        }
    }

    /** The first one that can be: the other leases are for its TLS key. */
    private void bringAny(List<NodeModel> inOrder, StartTimes times) throws NodeException {
        List<NodeException> failures = new ArrayList<>();
        for (NodeModel model : inOrder) {
            Optional<NodeException> failure = failure(model, times);
            if (failure.isEmpty()) {
                first = Optional.of(model);
                return;
            }
            LOG.warn("model.left-out model={} the next one is tried", model.name(), failure.get());
            failures.add(failure.get());
        }
        throw failures.getFirst();
    }

    private Optional<NodeException> failure(NodeModel model, StartTimes times) {
        try {
            model.loadFirst(registry, times);
            return Optional.empty();
        } catch (NodeException e) {
            return Optional.of(e);
        } catch (LeaseException | MemoryProtectionException | IOException | RuntimeException e) {
            return Optional.of(Startup.failed(e));
        } finally {
            registry.abandon(model.tenant());
        }
    }

    /** All tenants' at the same time; one that takes long, or fails, comes later. */
    private void bringOthers() throws InterruptedException {
        List<Attempts> begun = tenants.values().stream().map(TenantModels::bringAllInTime).toList();
        long end = System.nanoTime() + START_PATIENCE.toNanos();
        for (Attempts attempts : begun) {
            attempts.awaitFirst(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
    }

    private NodeModel first() {
        return first.orElseThrow();
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

    /** What callers connect by, whichever model they want; goes with the owners' revisions. */
    LiveLimits connections() {
        var limits = new LiveLimits(this::limits, this::limits);
        revised = limits::revise;
        limits.revise(); // what came in between
        return limits;
    }

    /** Those of a tenant's models; any, for who comes for none of them. */
    private ConnectionLimits limits(String tenant) {
        return Optional.ofNullable(tenants.get(tenant))
                .map(TenantModels::limits)
                .orElseGet(this::limits);
    }

    private ConnectionLimits limits() {
        return ConnectionLimits.ofAny(tenants.values().stream().map(TenantModels::limits).toList());
    }

    /** Begins to look for later versions, where that is wanted, and to go by aliases. */
    void watch() {
        tenants.values().forEach(TenantModels::watch);
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
            Optional.ofNullable(known.get(name))
                    .ifPresent(model -> of(model).called(caller, model));
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
            throw of(model).bringIn(caller, model);
        }
    }

    private TenantModels of(NodeModel model) {
        return Objects.requireNonNull(tenants.get(model.tenant()));
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
        NodeModel.Opened opened = model.opened().orElseThrow(() -> TenantModels.away(model));
        return new EvidenceService.Proven(opened.proof(), opened.current());
    }

    /** Names and versions in memory now. */
    List<String> summary() {
        return inForce().stream().map(model -> model.name() + ":" + model.version()).toList();
    }

    /** Before calls end: brings nothing in any more. */
    void stop() {
        tenants.values().forEach(TenantModels::close);
    }

    @Override
    public void close() {
        stop();
        known.values().forEach(NodeModel::close);
        registry.close();
    }
}

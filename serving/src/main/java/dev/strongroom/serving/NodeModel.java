package dev.strongroom.serving;

import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.ServingProof;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.models.ModelRegistry;
import dev.strongroom.serving.models.Resident;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that this node was told to serve, in memory or not: its guard and what it proves itself
 * by stay when the weights leave, and go on with the next lease.
 *
 * <p>Thread-safe, but for what brings it into memory: one thread at a time.
 */
final class NodeModel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeModel.class);

    private final NodeConfig.Wanted wanted;
    private final ModelLoader loader;
    private final LeaseNeeds needs;
    private final DataFolder folder;
    private final MeterRegistry meters;
    private final Runnable revised;
    private volatile Optional<Opened> opened = Optional.empty();
    private volatile Optional<OutputPolicy> foreseen = Optional.empty(); // before it was opened
    private volatile Runnable aliasMoved = () -> {};

    /** What it has from the first time on that it was in memory. */
    record Opened(CurrentLife current, GuardLife guard, ServingProof proof) {}

    /**
     * @param revised told when other rules of its owner are in force; it waits for nothing
     */
    NodeModel(
            NodeConfig.Wanted wanted,
            ModelLoader loader,
            LeaseNeeds needs,
            DataFolder folder,
            MeterRegistry meters,
            Runnable revised) {
        this.wanted = wanted;
        this.loader = loader;
        this.needs = needs;
        this.folder = folder;
        this.meters = meters;
        this.revised = revised;
    }

    String name() {
        return wanted.name().toString();
    }

    String tenant() {
        return wanted.name().tenant().value();
    }

    boolean isOf(String tenant) {
        return tenant().equals(tenant);
    }

    /** True for the alias by which it is served. */
    boolean isAlias(String version) {
        return wanted.alias().filter(alias -> alias.value().equals(version)).isPresent();
    }

    NodeConfig.Wanted wanted() {
        return wanted;
    }

    /** Empty until it was in memory once. */
    Optional<Opened> opened() {
        return opened;
    }

    Optional<Guard> guard() {
        return opened.map(known -> known.guard().guard());
    }

    /** Asks for the rules by which callers connect, also of one that was never in memory. */
    void foresee(LeaseLife serving) throws NodeException, LeaseException, IOException {
        foreseen = Optional.of(known().isPresent() ? known().get() : loader.rules(serving));
        revised.run();
    }

    /** The rules by which callers connect, as they were heard last; empty before they were. */
    Optional<OutputPolicy> rules() {
        return known().or(() -> foreseen);
    }

    /** True if the owner's rules vouch for some tier for this caller, as far as they are known. */
    boolean vouchesFor(Caller caller) {
        return rules().flatMap(policy ->
                        policy.tierOf(
                                caller.issuer(), caller.tenant(), caller.role(), caller.key()))
                .isPresent();
    }

    private Optional<OutputPolicy> known() {
        return opened.map(each -> each.guard().policy());
    }

    /** Ciphertext that it was opened from last. */
    List<Path> files() {
        return opened.map(known -> loader.files(known.current().get())).orElse(List.of());
    }

    /** Brings it into memory under the first lease of this process. */
    void loadFirst(ModelRegistry registry, StartTimes times)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        enter(loader.first(times, takes -> registry.claim(name(), takes.weights())), registry);
    }

    /** True if it fits beside what is there. */
    boolean fits(LeaseLife serving, ModelRegistry registry) throws LeaseException, IOException {
        return loader.fits(serving, registry);
    }

    /** Brings the wanted version into memory, for the TLS key of a lease of this process. */
    boolean load(LeaseLife serving, ModelRegistry registry)
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        Optional<LeaseLife> life = loader.beside(serving, registry);
        if (life.isEmpty()) {
            return false;
        }
        enter(life.get(), registry);
        Lease lease = life.get().grant().lease();
        LOG.info(
                "model.loaded model={} version={} lease-leaf={}",
                lease.model(),
                lease.versionNumber(),
                lease.auditLeaf());
        return true;
    }

    /**
     * Has something done whenever the owner moved an alias.
     *
     * @param quick it never waits
     */
    void whenAliasMoved(Runnable quick) {
        aliasMoved = quick;
        opened.ifPresent(known -> known.current().get().whenAliasMoved(quick));
    }

    /** True if it is another version than the wanted one, or nobody would say that it is. */
    boolean isUnsettled(ModelRegistry registry) {
        return registry.has(name())
                && opened.map(known -> known.current().get())
                        .filter(life -> loader.isBehind(life) || !life.listens())
                        .isPresent();
    }

    /** True if it went over to a later version; one that is not in memory has none. */
    boolean follow(ModelRegistry registry)
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        if (opened.isEmpty() || !registry.has(name())) {
            return false;
        }
        LeaseLife before = opened.get().current().get();
        Optional<LeaseLife> later = loader.later(before, registry);
        if (later.isEmpty()) {
            return false;
        }
        enter(later.get(), registry);
        Lease lease = later.get().grant().lease();
        LOG.info(
                "version.followed model={} version={} before={} lease-leaf={}",
                lease.model(),
                lease.versionNumber(),
                before.grant().lease().versionNumber(),
                lease.auditLeaf());
        return true;
    }

    /** From here on calls go to this one; what was in force ends with its last call. */
    private void enter(LeaseLife life, ModelRegistry registry) throws NodeException, IOException {
        try {
            if (opened.isEmpty()) {
                opened = Optional.of(open(life));
                revised.run(); // they may be later ones than were foreseen
            } else {
                opened.get().guard().follow(life);
            }
        } catch (NodeException | IOException | RuntimeException e) {
            loader.refused(life);
            life.close();
            throw e;
        }
        registry.put(resident(life));
        opened.get().current().become(life);
        life.whenAliasMoved(aliasMoved);
        life.identity().present(life.grant().tlsChain());
    }

    private Opened open(LeaseLife life) throws NodeException, IOException {
        var current = new CurrentLife(life);
        return new Opened(
                current,
                GuardLife.begin(current, needs, folder, meters, revised),
                new ServingProof(current::grant, current::standing, needs.lanes().clients()));
    }

    private Resident resident(LeaseLife life) {
        Lease lease = life.grant().lease();
        var served =
                new ServedModel(
                        lease.model().toString(),
                        Long.toString(lease.versionNumber()),
                        life.engine(),
                        life.model(),
                        life.receipts(),
                        life.generation(),
                        wanted.run());
        return new Resident(served, loader.needed(life), life::close);
    }

    @Override
    public void close() {
        opened.ifPresent(known -> known.guard().close());
    }
}

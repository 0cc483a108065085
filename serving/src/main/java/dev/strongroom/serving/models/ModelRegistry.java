package dev.strongroom.serving.models;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that are open on this node, one version of each name in force. A version that takes
 * the place of another gets every call from then on; the other one ends when the last call that
 * holds it is over. Each tenant has as much memory as any other: what does not fit into that drives
 * out whatever of the same tenant's was not called for longest and is idle, and never another's, so
 * that nobody's calls cost another tenant a load, or tell him anything.
 *
 * <p>Thread-safe. The owner closes it when no call comes in any more.
 */
public final class ModelRegistry implements ServedModels, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);

    /** So that two callers who want two models do not have them loaded in turns without end. */
    static final Duration LEAST_STAY = Duration.ofSeconds(30);

    private final Function<String, TenantMemory> memory; // of each tenant
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final Map<String, Slot> inForce = new LinkedHashMap<>();
    private final Set<Slot> leaving = new HashSet<>();
    private final Map<String, Long> claimed = new HashMap<>(); // weights on the way, by tenant
    private final ExecutorService closer = // one that takes long to end keeps no other
            Executors.newCachedThreadPool(
                    Thread.ofPlatform().name("model-closer").daemon().factory());
    private long uses;

    /**
     * @param memory of each tenant, the same one at each time
     * @param clock of how long they have been here
     */
    public ModelRegistry(Function<String, TenantMemory> memory, InstantSource clock) {
        this.memory = memory;
        this.clock = clock;
    }

    /**
     * Of sessions that take nothing beside their weights.
     *
     * @param shareBytes of protected memory for all models of one tenant together
     */
    public ModelRegistry(long shareBytes, InstantSource clock) {
        this(ofWeights(shareBytes), clock);
    }

    private static Function<String, TenantMemory> ofWeights(long shareBytes) {
        Map<String, TenantMemory> made = new ConcurrentHashMap<>();
        return tenant -> made.computeIfAbsent(tenant, _ -> TenantMemory.ofWeights(shareBytes));
    }

    /**
     * Puts a model in force; a version of the same name that was, leaves.
     *
     * @param resident whose room was made or claimed; nothing of its tenant's was since
     */
    public void put(Resident resident) {
        lock.lock();
        try {
            requireClaimed(resident);
            Slot before =
                    inForce.put(
                            resident.model().name(), new Slot(resident, uses++, clock.instant()));
            if (before != null) {
                retire(before);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes a model out of force; false when it was not. */
    public boolean remove(String name) {
        lock.lock();
        try {
            Slot slot = inForce.remove(name);
            if (slot != null) {
                retire(slot);
            }
            return slot != null;
        } finally {
            lock.unlock();
        }
    }

    /** True if a model of this name is in force. */
    public boolean has(String name) {
        lock.lock();
        try {
            return inForce.containsKey(name);
        } finally {
            lock.unlock();
        }
    }

    /** True if a model of so many bytes fits beside its tenant's, without anything leaving. */
    public boolean fits(String name, Footprint takes) {
        lock.lock();
        try {
            return memory(name).missing(takes) <= 0;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a model's weights out of its tenant's memory; false when that has not so much left. */
    public boolean claim(String name, long weights) {
        lock.lock();
        try {
            return claim(name, Footprint.of(weights));
        } finally {
            lock.unlock();
        }
    }

    private boolean claim(String name, Footprint takes) {
        abandon(tenant(name));
        boolean taken = memory(name).take(takes);
        if (taken) {
            claimed.put(tenant(name), takes.weights());
        }
        return taken;
    }

    /** Nothing is on its way into a tenant's memory any more: what was claimed is free. */
    public void abandon(String tenant) {
        lock.lock();
        try {
            Optional.ofNullable(claimed.remove(tenant)).ifPresent(memory.apply(tenant)::give);
        } finally {
            lock.unlock();
        }
    }

    private void requireClaimed(Resident resident) {
        String name = resident.model().name();
        Long had = claimed.get(tenant(name));
        if (had == null || had != resident.takes().weights()) {
            throw new IllegalStateException(name + ": no room was made for it");
        }
        claimed.remove(tenant(name));
    }

    /**
     * Sees to it that so many bytes fit beside what is there of the tenant's, and has what of it
     * was not called for longest leave until they do. A model that a call holds stays, and so does
     * one that came a moment ago; where what is left would not be enough, nothing leaves.
     *
     * @param wanted what is to fit, whose weights are taken then
     * @param keep the model that it is for; it stays whatever happens, so that it is followed by
     *     its next version without a gap
     * @param patience for what leaves already
     * @return false when they do not fit
     */
    public boolean makeRoom(Footprint wanted, String keep, Duration patience)
            throws InterruptedException {
        lock.lock();
        try {
            Slot kept = inForce.get(keep);
            long staying = kept == null ? 0 : kept.resident().takes().total();
            String tenant = tenant(keep);
            if (wanted.total() > memory(keep).limitBytes() - staying) {
                return false; // whatever leaves
            }
            long nanos = patience.toNanos();
            while (!claim(keep, wanted)) {
                if (leaving.stream().noneMatch(slot -> isOf(tenant, slot))
                        && !evict(memory(keep).missing(wanted), keep)) {
                    return false;
                }
                if (nanos <= 0) {
                    return false;
                }
                nanos = ended.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Hold> hold(String name, String version) {
        lock.lock();
        try {
            Slot slot = inForce.get(name);
            if (slot == null || !(version.isEmpty() || version.equals(slot.model().version()))) {
                return Optional.empty();
            }
            return Optional.of(slot.hold(uses++, this::release));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<ServedModel> inForce() {
        lock.lock();
        try {
            return inForce.values().stream().map(Slot::model).toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<ServedModel> open() {
        lock.lock();
        try {
            return Stream.concat(inForce.values().stream(), leaving.stream())
                    .map(Slot::model)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until everything that left has ended.
     *
     * @return false when that takes longer
     */
    public boolean awaitEnded(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long nanos = patience.toNanos();
            while (!leaving.isEmpty()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = ended.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends every model, whether a call holds it or not. */
    @Override
    public void close() {
        lock.lock();
        try {
            inForce.values().forEach(this::retire);
            inForce.clear();
            leaving.forEach(slot -> closer.execute(() -> end(slot)));
        } finally {
            lock.unlock();
        }
        closer.shutdown();
        awaitCloser();
    }

    private void awaitCloser() {
        try {
            while (!closer.awaitTermination(1, TimeUnit.MINUTES)) {
                LOG.warn("models.closing a model takes more than a minute to close");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** True if idle models that take so many bytes were there to leave; none does otherwise. */
    private boolean evict(long bytes, String keep) {
        List<Slot> chosen = new ArrayList<>();
        long missing = bytes;
        for (Slot slot : idle(keep)) {
            if (missing > 0) {
                chosen.add(slot);
                missing -= slot.resident().takes().total();
            }
        }
        if (missing > 0) {
            return false;
        }
        chosen.forEach(this::evict);
        return true;
    }

    /** Those that nobody holds and that had their time, the one not called for longest first. */
    private List<Slot> idle(String keep) {
        Instant latest = clock.instant().minus(LEAST_STAY);
        return inForce.values().stream()
                .filter(slot -> isOf(tenant(keep), slot) && !slot.model().name().equals(keep))
                .filter(slot -> slot.isIdle() && !slot.since().isAfter(latest))
                .sorted(Comparator.comparingLong(Slot::lastUse))
                .toList();
    }

    private void evict(Slot slot) {
        LOG.info(
                "model.evicted model={} version={} nobody called it for longest",
                slot.model().name(),
                slot.model().version());
        inForce.remove(slot.model().name());
        retire(slot);
    }

    private void retire(Slot slot) {
        slot.retire();
        leaving.add(slot);
        endIfOver(slot);
    }

    private void release(Slot slot) {
        lock.lock();
        try {
            slot.release();
            endIfOver(slot);
        } finally {
            lock.unlock();
        }
    }

    /** Zeroing takes its time, which no call's thread should have to give. */
    private void endIfOver(Slot slot) {
        if (slot.isOver() && leaving.contains(slot) && !closer.isShutdown()) {
            closer.execute(() -> end(slot));
        }
    }

    private void end(Slot slot) {
        lock.lock();
        try {
            if (!slot.beginEnd()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        try {
            slot.resident().end().run();
        } finally {
            lock.lock();
            try {
                leaving.remove(slot);
                memory(slot.model().name()).give(slot.resident().takes().weights());
                ended.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private TenantMemory memory(String name) {
        return memory.apply(tenant(name));
    }

    private static boolean isOf(String tenant, Slot slot) {
        return tenant(slot.model().name()).equals(tenant);
    }

    private static String tenant(String name) {
        return ModelName.parse(name).tenant().value();
    }
}

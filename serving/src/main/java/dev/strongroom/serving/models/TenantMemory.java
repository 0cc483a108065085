package dev.strongroom.serving.models;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.MemoryShare;
import dev.strongroom.serving.engine.Profile;
import java.util.Optional;

/**
 * The protected memory of one tenant: his weights and, at profile {@code fast}, whatever his
 * sessions allocate, in one account. So neither his models nor his callers' runs take memory of
 * another tenant's. What sessions have is measured, region by region; what one will take is
 * estimated, to look for room before it is loaded, and refused when it takes more than there is.
 *
 * <p>Thread-safe.
 */
public final class TenantMemory {
    private final MemoryShare share;
    private final Profile profile;

    /**
     * @param share of everything
     * @param profile of the tenant's sessions; a heap of theirs takes of the share
     */
    public TenantMemory(MemoryShare share, Profile profile) {
        this.share = share;
        this.profile = profile;
    }

    /** Of sessions that compute on the weights. */
    static TenantMemory ofWeights(long bytes) {
        return new TenantMemory(new MemoryShare(bytes), new Profile.SingleCopy());
    }

    public Profile profile() {
        return profile;
    }

    long limitBytes() {
        return share.limitBytes();
    }

    /** True when the weights were taken, and there is room for the rest as far as that is known. */
    boolean take(Footprint wanted) {
        return missing(wanted) <= 0 && share.take(wanted.weights());
    }

    void give(long weights) {
        share.give(weights);
    }

    /** Bytes that have to leave before there is room. */
    long missing(Footprint wanted) {
        heap().ifPresent(LockedHeap::shrink);
        long spare = heap().map(heap -> heap.mappedBytes() - heap.usedBytes()).orElse(0L);
        long free = share.free();
        return Math.max(wanted.weights() - free, wanted.total() - free - spare);
    }

    private Optional<LockedHeap> heap() {
        return switch (profile) {
            case Profile.SingleCopy _ -> Optional.empty();
            case Profile.Fast(var copies) -> Optional.of(copies);
        };
    }
}

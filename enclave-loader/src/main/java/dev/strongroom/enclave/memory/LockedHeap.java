package dev.strongroom.enclave.memory;

import dev.strongroom.enclave.posture.Fit;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Memory for a native library's own copies of plaintext: blocks of protected regions, overwritten
 * with zeros when they are freed. What is free and what is not is known here, outside the regions,
 * where no stray write reaches it.
 *
 * <p>A freed block waits in the bin of its size for the next of the same size; when no block fits,
 * the bins are emptied, neighbours grow together, and only then is another region taken. A region
 * without blocks is given back, but for one.
 *
 * <p>Thread-safe. The owner closes it when nobody uses a block any more.
 */
public final class LockedHeap implements AutoCloseable {
    /** A cache line, and what matrix kernels want. */
    public static final long ALIGNMENT_BYTES = 64;

    private static final long REGION_BYTES = 32L << 20; // several activations of small models
    private static final long LARGEST_BINNED_BYTES = 4L << 20;
    private static final int BLOCKS_PER_BIN = 32;

    private final MemoryShare share;
    private final Protection protection;

    private final List<ProtectedRegion> regions = new ArrayList<>();
    private final Map<Long, Long> used = new HashMap<>(); // address to size
    private final Map<Long, List<Long>> bins = new HashMap<>(); // size to addresses
    private final TreeMap<Long, Long> free = new TreeMap<>(); // address to size
    private final TreeSet<Block> bySize = new TreeSet<>();
    private long mappedBytes;
    private long usedBytes;

    private record Block(long bytes, long address) implements Comparable<Block> {
        @Override
        public int compareTo(Block other) {
            int bySize = Long.compare(bytes, other.bytes);
            return bySize != 0 ? bySize : Long.compare(address, other.address);
        }
    }

    /**
     * @param limitBytes of protected memory that it may take
     * @param fitness proof that this process may hold plaintext
     */
    public LockedHeap(long limitBytes, Protection protection, Fit fitness) {
        this(new MemoryShare(limitBytes), protection, fitness);
    }

    /**
     * @param share that its regions are taken from, beside whatever else is
     * @param fitness proof that this process may hold plaintext
     */
    public LockedHeap(MemoryShare share, Protection protection, Fit fitness) {
        Objects.requireNonNull(fitness);
        this.share = share;
        this.protection = protection;
    }

    /**
     * Takes a block; what is in it is zero.
     *
     * @return its address, a multiple of {@link #ALIGNMENT_BYTES}; empty when the limit or this
     *     machine allows no more
     */
    public synchronized OptionalLong allocate(long bytes) {
        if (bytes <= 0 || bytes > share.limitBytes()) {
            return OptionalLong.empty();
        }
        long size = (bytes + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
        OptionalLong address = fromBin(size);
        if (address.isEmpty()) {
            address = fromFree(size);
        }
        if (address.isEmpty()) {
            emptyBins();
            address = fromFree(size);
        }
        if (address.isEmpty() && grow(size)) {
            address = fromFree(size);
        }
        address.ifPresent(taken -> {
            used.put(taken, size);
            usedBytes += size;
        });
        return address;
    }

    /**
     * Overwrites a block with zeros and takes it back.
     *
     * @throws IllegalArgumentException if no block in use begins there
     */
    public synchronized void free(long address) {
        Long size = used.remove(address);
        if (size == null) {
            throw new IllegalArgumentException("no block in use begins at this address");
        }
        usedBytes -= size;
        memory(address, size).fill((byte) 0);
        List<Long> bin = bins.computeIfAbsent(size, _ -> new ArrayList<>());
        if (size <= LARGEST_BINNED_BYTES && bin.size() < BLOCKS_PER_BIN) {
            bin.add(address);
        } else {
            join(address, size);
        }
    }

    /** How its pages are kept from others. */
    public Protection protection() {
        return protection;
    }

    /** Bytes in blocks that are in use. */
    public synchronized long usedBytes() {
        return usedBytes;
    }

    /** Bytes of protected memory that it has taken. */
    public synchronized long mappedBytes() {
        return mappedBytes;
    }

    /** True when its memory covers this address. */
    public synchronized boolean owns(long address) {
        return regions.stream().anyMatch(region -> covers(region, address));
    }

    /** Gives back what no block needs. */
    public synchronized void trim() {
        emptyBins();
    }

    /** Gives back every region without a block, also the one that waits for the next. */
    public synchronized void shrink() {
        emptyBins();
        giveBackWhole();
    }

    /** Overwrites everything, blocks in use too. Idempotent. */
    @Override
    public synchronized void close() {
        regions.forEach(ProtectedRegion::close);
        regions.clear();
        used.clear();
        bins.clear();
        free.clear();
        bySize.clear();
        share.give(mappedBytes);
        mappedBytes = 0;
        usedBytes = 0;
    }

    private OptionalLong fromBin(long size) {
        List<Long> bin = bins.get(size);
        return bin == null || bin.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(bin.removeLast());
    }

    /** The smallest that fits; its rest stays free. */
    private OptionalLong fromFree(long size) {
        Block best = bySize.ceiling(new Block(size, 0));
        if (best == null) {
            return OptionalLong.empty();
        }
        remove(best.address(), best.bytes());
        if (best.bytes() > size) {
            add(best.address() + size, best.bytes() - size);
        }
        return OptionalLong.of(best.address());
    }

    private boolean grow(long size) {
        if (size > share.free()) {
            giveBackWhole();
        }
        long least = ProtectedRegion.pageAligned(size);
        long wanted = Math.max(least, REGION_BYTES);
        return (share.take(wanted) && map(wanted)) || (share.take(least) && map(least));
    }

    /** Of the share already, unless it fails. */
    private boolean map(long bytes) {
        try {
            var region = ProtectedRegion.reserve(bytes, protection);
            regions.add(region);
            mappedBytes += bytes;
            add(region.memory().address(), bytes);
            return true;
        } catch (MemoryProtectionException refused) {
            share.give(bytes);
            return false;
        }
    }

    private void emptyBins() {
        Map<Long, List<Long>> waiting = new HashMap<>(bins);
        bins.clear();
        waiting.forEach((size, addresses) -> addresses.forEach(address -> join(address, size)));
    }

    /** Makes a block free, one with its free neighbours of the same region. */
    private void join(long address, long size) {
        ProtectedRegion region = region(address);
        long from = address;
        long to = address + size;
        Map.@Nullable Entry<Long, Long> before = free.lowerEntry(address);
        if (before != null
                && before.getKey() + before.getValue() == from
                && covers(region, before.getKey())) {
            from = before.getKey();
            remove(before.getKey(), before.getValue());
        }
        Long after = free.get(to);
        if (after != null && covers(region, to)) {
            remove(to, after);
            to += after;
        }
        add(from, to - from);
        if (isWhole(region) && !isSpare(region)) {
            giveBack(region);
        }
    }

    private void giveBackWhole() {
        List.copyOf(regions).stream().filter(this::isWhole).forEach(this::giveBack);
    }

    private void giveBack(ProtectedRegion region) {
        remove(region.memory().address(), region.mappedBytes());
        regions.remove(region);
        mappedBytes -= region.mappedBytes();
        region.close();
        share.give(region.mappedBytes());
    }

    private boolean isSpare(ProtectedRegion region) {
        return region.mappedBytes() <= REGION_BYTES
                && regions.stream().noneMatch(other -> other != region && isWhole(other));
    }

    private boolean isWhole(ProtectedRegion region) {
        return Objects.equals(free.get(region.memory().address()), region.mappedBytes());
    }

    private void add(long address, long bytes) {
        free.put(address, bytes);
        bySize.add(new Block(bytes, address));
    }

    private void remove(long address, long bytes) {
        free.remove(address);
        bySize.remove(new Block(bytes, address));
    }

    private ProtectedRegion region(long address) {
        for (ProtectedRegion region : regions) {
            if (covers(region, address)) {
                return region;
            }
        }
        throw new IllegalArgumentException("no region has this address");
    }

    private static boolean covers(ProtectedRegion region, long address) {
        long from = region.memory().address();
        return address >= from && address < from + region.mappedBytes();
    }

    private MemorySegment memory(long address, long bytes) {
        ProtectedRegion region = region(address);
        return region.memory().asSlice(address - region.memory().address(), bytes);
    }
}

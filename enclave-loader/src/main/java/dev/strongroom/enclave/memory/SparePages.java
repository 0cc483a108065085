package dev.strongroom.enclave.memory;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Protected pages that nobody uses at the moment: zeroed, and kept from others as before. The next
 * who wants such pages gets them without the kernel having to find and clear them, and without its
 * hypervisor having to, which takes back what a guest has given up and then provides it at some
 * seconds a gigabyte.
 *
 * <p>When none fit, all are given back before others are mapped: a process keeps no more than it
 * had in use at one time. Thread-safe.
 */
final class SparePages {
    private static final SparePages LOCKED = new SparePages(Libc::munmap);
    private static final SparePages SECRET = new SparePages(Libc::munmap);

    private final Unmapping unmapping;
    private final TreeMap<Long, Long> ranges = new TreeMap<>(); // address to bytes

    /** How pages are given back to the kernel. */
    @FunctionalInterface
    interface Unmapping {
        void unmap(long address, long bytes) throws LibcException;
    }

    SparePages(Unmapping unmapping) {
        this.unmapping = unmapping;
    }

    /** Those of this process that are kept from others in this way. */
    static SparePages of(Protection protection) {
        return switch (protection) {
            case LOCKED -> LOCKED;
            case SECRET -> SECRET;
        };
    }

    /**
     * Takes pages of the smallest range that has so many.
     *
     * @param bytes whole pages
     * @return their address; empty when no range has as many
     */
    synchronized OptionalLong take(long bytes) {
        Map.@Nullable Entry<Long, Long> best = null;
        for (Map.Entry<Long, Long> range : ranges.entrySet()) {
            if (range.getValue() >= bytes && (best == null || range.getValue() < best.getValue())) {
                best = range;
            }
        }
        if (best == null) {
            return OptionalLong.empty();
        }
        long address = best.getKey();
        long rest = best.getValue() - bytes;
        ranges.remove(address);
        if (rest > 0) {
            ranges.put(address + bytes, rest);
        }
        return OptionalLong.of(address);
    }

    /** Keeps pages, which are zero and whose protection holds. */
    synchronized void keep(long address, long bytes) {
        long from = address;
        long to = address + bytes;
        Map.@Nullable Entry<Long, Long> before = ranges.lowerEntry(address);
        if (before != null && before.getKey() + before.getValue() == from) {
            from = before.getKey();
        }
        Long after = ranges.remove(to);
        if (after != null) {
            to += after;
        }
        ranges.put(from, to - from);
    }

    /**
     * Gives all of them back to the kernel.
     *
     * @throws IllegalStateException if it does not take some, which are kept no more; those that it
     *     was not given yet are
     */
    synchronized void giveBack() {
        while (!ranges.isEmpty()) {
            Map.Entry<Long, Long> range = ranges.pollFirstEntry();
            try {
                unmapping.unmap(range.getKey(), range.getValue());
            } catch (LibcException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

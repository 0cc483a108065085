package dev.strongroom.enclave.memory;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Where a computation that wants more memory than it may have goes on until it can be ended: native
 * code that cannot be refused memory without crashing gets addresses behind which are the same few
 * pages over and over. What is computed there is wrong and must be thrown away, and is kept from
 * others as everything else is: weights can be among it.
 *
 * <p>Thread-safe.
 */
public final class Overflow {
    private static final long UNIT_BYTES = 64L << 20;
    private static final long MAX_UNITS = 32_768; // mappings of a process; 2 TiB

    private final Protection protection;
    private final Map<Long, Long> blocks = new HashMap<>(); // address to units

    /** Whose pages are kept as the heap's are. */
    public Overflow(Protection protection) {
        this.protection = protection;
    }

    /**
     * Takes a block.
     *
     * @return its address; empty when even addresses have run out, or pages cannot be protected
     */
    public synchronized OptionalLong allocate(long bytes) {
        long units = bytes / UNIT_BYTES + 1;
        long taken = blocks.values().stream().mapToLong(Long::longValue).sum();
        if (bytes < 0 || units > MAX_UNITS - taken) {
            return OptionalLong.empty();
        }
        try {
            long address = protection.mapRepeated(units, UNIT_BYTES);
            memory(address).fill((byte) 0); // pages are locked when they come to be
            Libc.madvise(address, units * UNIT_BYTES, Libc.MADV_DONTDUMP);
            Libc.madvise(address, units * UNIT_BYTES, Libc.MADV_DONTFORK);
            blocks.put(address, units);
            return OptionalLong.of(address);
        } catch (LibcException e) {
            return OptionalLong.empty();
        }
    }

    /** Overwrites and gives back a block; false when it is none of these. */
    public synchronized boolean free(long address) {
        Long units = blocks.remove(address);
        if (units == null) {
            return false;
        }
        memory(address).fill((byte) 0);
        try {
            Libc.munmap(address, units * UNIT_BYTES);
        } catch (LibcException e) {
            throw new IllegalStateException(e);
        }
        return true;
    }

    // The address is one that was given out.
    @SuppressWarnings("restricted")
    private static MemorySegment memory(long address) {
        return MemorySegment.ofAddress(address).reinterpret(UNIT_BYTES);
    }
}

package dev.strongroom.enclave.memory;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import java.lang.foreign.MemorySegment;

/**
 * Pages of a mapped file that is read once, from its start: those that were read are let go of, so
 * that the process needs memory for the plaintext alone, not for the ciphertext beside it.
 *
 * <p>Thread-safe.
 */
public final class MappedPages {
    /** Each time, the kernel interrupts all processors that run this process's threads. */
    private static final long STEP_BYTES = 16L << 20;

    private final MemorySegment file;

    /**
     * @param file the whole mapping
     */
    public MappedPages(MemorySegment file) {
        this.file = file;
    }

    /**
     * Says that a part was read. Whoever still reads one before it finds its pages again.
     *
     * @param part of the mapping
     */
    public void read(MemorySegment part) {
        long from = part.address() - file.address();
        long steps = (from + part.byteSize()) / STEP_BYTES;
        if (steps > from / STEP_BYTES) {
            drop(file.address() + (steps - 1) * STEP_BYTES);
        }
    }

    private static void drop(long address) {
        try {
            Libc.madvise(address, STEP_BYTES, Libc.MADV_DONTNEED);
        } catch (LibcException kept) {
            // They stay mapped, which costs memory and nothing else.
        }
    }
}

package dev.strongroom.enclave.memory;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import java.lang.foreign.MemorySegment;

/** Pages of a mapped file. */
public final class MappedPages {
    private MappedPages() {}

    /**
     * Lets go of the whole pages in a part of a mapping that was read: the process needs memory for
     * the plaintext alone, not for the ciphertext beside it. A later read finds them again.
     */
    public static void drop(MemorySegment part) {
        long from = ProtectedRegion.pageAligned(part.address());
        long to = (part.address() + part.byteSize()) & -ProtectedRegion.PAGE_BYTES;
        if (from < to) {
            try {
                Libc.madvise(from, to - from, Libc.MADV_DONTNEED);
            } catch (LibcException kept) {
                // They stay mapped, which costs memory and nothing else.
            }
        }
    }
}

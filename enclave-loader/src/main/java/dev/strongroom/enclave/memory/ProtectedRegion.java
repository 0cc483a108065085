package dev.strongroom.enclave.memory;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/**
 * Pages outside the Java heap that are locked in memory, left out of core dumps and not inherited
 * by a forked child. Closing zeroes them and leaves them to the next region.
 *
 * <p>Thread-safe; the caller closes it after the last use of its memory.
 */
final class ProtectedRegion implements AutoCloseable {
    static final long PAGE_BYTES = 4096; // smallest page of the supported machines

    private static final long READ_BACK_BYTES = 1 << 20;

    private final long address;
    private final long mappedBytes;
    private final SparePages spare;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    // The address and size are those that mmap gave.
    @SuppressWarnings("restricted")
    private ProtectedRegion(long address, long mappedBytes, SparePages spare) {
        this.address = address;
        this.mappedBytes = mappedBytes;
        this.spare = spare;
        this.memory = MemorySegment.ofAddress(address).reinterpret(mappedBytes, arena, null);
    }

    /**
     * Reserves and protects; every protection that the promise names must hold or none is given.
     * Pages come to be when they are first written, by whichever thread writes them.
     */
    static ProtectedRegion reserve(long bytes, Protection protection)
            throws MemoryProtectionException {
        if (bytes <= 0) {
            throw new IllegalArgumentException("region: " + bytes + " bytes (expected: > 0)");
        }
        long mappedBytes = pageAligned(bytes);
        var spare = SparePages.of(protection);
        OptionalLong kept = spare.take(mappedBytes);
        long address = kept.isPresent() ? kept.getAsLong() : mapAnew(mappedBytes, protection);
        return new ProtectedRegion(address, mappedBytes, spare);
    }

    MemorySegment memory() {
        return memory;
    }

    long mappedBytes() {
        return mappedBytes;
    }

    /** Zeroes; the pages are spare then. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            memory.fill((byte) 0);
            release();
        }
    }

    /**
     * The same, and reads back before: the number of bytes that are zero now, which is all of them.
     *
     * @throws IllegalStateException if some did not take the zeros; then nothing is released
     */
    long wipe() {
        if (!arena.scope().isAlive()) {
            return 0;
        }
        memory.fill((byte) 0);
        requireZero();
        release();
        return mappedBytes;
    }

    /** Zeroes, and the pages are nobody else's. */
    void overwrite() {
        if (arena.scope().isAlive()) {
            memory.fill((byte) 0);
        }
    }

    private void release() {
        arena.close();
        spare.keep(address, mappedBytes);
    }

    private void requireZero() {
        try (var scope = Arena.ofConfined()) {
            MemorySegment zeros = scope.allocate(Math.min(READ_BACK_BYTES, mappedBytes));
            for (long at = 0; at < mappedBytes; at += zeros.byteSize()) {
                long length = Math.min(zeros.byteSize(), mappedBytes - at);
                if (memory.asSlice(at, length).mismatch(zeros.asSlice(0, length)) >= 0) {
                    throw new IllegalStateException("protected memory did not take the zeros");
                }
            }
        }
    }

    static long pageAligned(long bytes) {
        return Math.addExact(bytes, PAGE_BYTES - 1) & -PAGE_BYTES;
    }

    private static long mapAnew(long mappedBytes, Protection protection)
            throws MemoryProtectionException {
        SparePages.of(protection).giveBack(); // all were too small
        requireAvailable(mappedBytes);
        long address = map(mappedBytes, protection);
        try {
            protection.protect(address, mappedBytes);
            return address;
        } catch (LibcException e) {
            unmap(address, mappedBytes);
            throw refused(mappedBytes, e);
        }
    }

    private static long map(long mappedBytes, Protection protection)
            throws MemoryProtectionException {
        try {
            return protection.map(mappedBytes);
        } catch (LibcException e) {
            throw refused(mappedBytes, e);
        }
    }

    /** Pages are given at their first use, and who finds none then is killed. */
    private static void requireAvailable(long bytes) throws MemoryProtectionException {
        long available = AvailableMemory.bytes();
        if (bytes > available) {
            throw new MemoryProtectionException(
                    "protecting %d bytes for plaintext: this machine has %d available; free memory on it or use a larger one"
                            .formatted(bytes, available));
        }
    }

    private static void unmap(long address, long bytes) {
        try {
            Libc.munmap(address, bytes);
        } catch (LibcException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MemoryProtectionException refused(long bytes, LibcException e) {
        String fix =
                switch (e.call()) {
                    case "memfd_secret" ->
                            "; this kernel has no secret memory (CONFIG_SECRETMEM, before Linux 6.5"
                                    + " also the boot parameter secretmem.enable=1): use another"
                                    + " kernel, or leave out protect: secretmem";
                    case "mlock2", "mmap" ->
                            "; raise the limit of locked memory for this process (systemd:"
                                    + " LimitMEMLOCK=infinity, shell: ulimit -l, container:"
                                    + " --ulimit memlock=-1) or grant CAP_IPC_LOCK";
                    default -> "; free memory on this machine or use a larger one";
                };
        return new MemoryProtectionException(
                "protecting " + bytes + " bytes for plaintext: " + e.getMessage() + fix, e);
    }
}

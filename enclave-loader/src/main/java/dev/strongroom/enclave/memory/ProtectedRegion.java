package dev.strongroom.enclave.memory;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Anonymous pages outside the Java heap that are locked in memory, left out of core dumps, wiped in
 * a forked child and not inherited by one.
 *
 * <p>Thread-safe; the caller closes it after the last use of its memory.
 */
final class ProtectedRegion implements AutoCloseable {
    static final long PAGE_BYTES = 4096; // smallest page of the supported machines

    private static final long READ_BACK_BYTES = 1 << 20;

    private final long address;
    private final long mappedBytes;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    // The address and size are those that mmap gave.
    @SuppressWarnings("restricted")
    private ProtectedRegion(long address, long mappedBytes) {
        this.address = address;
        this.mappedBytes = mappedBytes;
        this.memory = MemorySegment.ofAddress(address).reinterpret(mappedBytes, arena, null);
    }

    /**
     * Reserves and protects; every protection that the promise names must hold or none is given.
     */
    static ProtectedRegion reserve(long bytes) throws MemoryProtectionException {
        if (bytes <= 0) {
            throw new IllegalArgumentException("region: " + bytes + " bytes (expected: > 0)");
        }
        long mappedBytes = pageAligned(bytes);
        long address = map(mappedBytes);
        try {
            advise(address, mappedBytes);
            Libc.mlock(address, mappedBytes);
        } catch (LibcException e) {
            unmap(address, mappedBytes);
            throw refused(mappedBytes, e);
        }
        return new ProtectedRegion(address, mappedBytes);
    }

    MemorySegment memory() {
        return memory;
    }

    long mappedBytes() {
        return mappedBytes;
    }

    /** Zeroes, then gives the pages back. */
    @Override
    public void close() {
        if (!arena.scope().isAlive()) {
            return;
        }
        zero();
        arena.close();
        unmap(address, mappedBytes);
    }

    void zero() {
        memory.fill((byte) 0);
    }

    /** Zeroes and reads back: the number of bytes that are zero now, which is all of them. */
    long overwrite() {
        if (!arena.scope().isAlive()) {
            return 0;
        }
        zero();
        try (var scope = Arena.ofConfined()) {
            MemorySegment zeros = scope.allocate(Math.min(READ_BACK_BYTES, mappedBytes));
            for (long at = 0; at < mappedBytes; at += zeros.byteSize()) {
                long length = Math.min(zeros.byteSize(), mappedBytes - at);
                if (memory.asSlice(at, length).mismatch(zeros.asSlice(0, length)) >= 0) {
                    throw new IllegalStateException("protected memory did not take the zeros");
                }
            }
        }
        return mappedBytes;
    }

    static long pageAligned(long bytes) {
        return Math.addExact(bytes, PAGE_BYTES - 1) & -PAGE_BYTES;
    }

    private static long map(long mappedBytes) throws MemoryProtectionException {
        try {
            return Libc.mmap(mappedBytes);
        } catch (LibcException e) {
            throw refused(mappedBytes, e);
        }
    }

    private static void advise(long address, long bytes) throws LibcException {
        Libc.madvise(address, bytes, Libc.MADV_DONTDUMP);
        Libc.madvise(address, bytes, Libc.MADV_WIPEONFORK);
        Libc.madvise(address, bytes, Libc.MADV_DONTFORK);
        adviseIfKernelCan(address, bytes, Libc.MADV_UNMERGEABLE); // no KSM in this kernel: no risk
        adviseIfKernelCan(address, bytes, Libc.MADV_HUGEPAGE); // speed only
    }

    private static void adviseIfKernelCan(long address, long bytes, int advice) {
        try {
            Libc.madvise(address, bytes, advice);
        } catch (LibcException absent) {
            // A kernel built without the feature cannot do what the advice is about either.
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
                e.call().startsWith("mlock")
                        ? "; raise the limit of locked memory for this process (systemd:"
                                + " LimitMEMLOCK=infinity, shell: ulimit -l, container:"
                                + " --ulimit memlock=-1) or grant CAP_IPC_LOCK"
                        : "; free memory on this machine or use a larger one";
        return new MemoryProtectionException(
                "protecting " + bytes + " bytes for plaintext: " + e.getMessage() + fix, e);
    }
}

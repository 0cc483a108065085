package dev.strongroom.enclave.memory;

import java.lang.foreign.MemorySegment;

/** Protected memory that was touched once, so that opening into it measures opening alone. */
public final class ResidentMemory implements AutoCloseable {
    private final ProtectedRegion region;

    public ResidentMemory(long bytes) throws MemoryProtectionException {
        region = ProtectedRegion.reserve(bytes, Protection.LOCKED);
        region.zero();
    }

    public MemorySegment memory() {
        return region.memory();
    }

    @Override
    public void close() {
        region.close();
    }
}

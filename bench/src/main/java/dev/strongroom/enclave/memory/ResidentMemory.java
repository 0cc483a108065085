package dev.strongroom.enclave.memory;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import java.lang.foreign.MemorySegment;

/**
 * Memory as the loader's that was touched once, so that opening into it measures opening alone; it
 * does not come from what the loader keeps, nor goes there.
 */
// The address and size are those that mmap gave.
@SuppressWarnings("restricted")
public final class ResidentMemory implements AutoCloseable {
    private final MemorySegment memory;

    public ResidentMemory(long bytes) throws LibcException {
        long address = Protection.LOCKED.map(bytes);
        Protection.LOCKED.protect(address, bytes);
        memory = MemorySegment.ofAddress(address).reinterpret(bytes).fill((byte) 0);
    }

    public MemorySegment memory() {
        return memory;
    }

    @Override
    public void close() throws LibcException {
        Libc.munmap(memory.address(), memory.byteSize());
    }
}

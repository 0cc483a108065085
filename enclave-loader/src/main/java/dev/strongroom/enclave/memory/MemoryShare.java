package dev.strongroom.enclave.memory;

/**
 * Protected memory that somebody may have, in one account: whatever takes of it takes it from
 * everything else of his, and from nobody else's.
 *
 * <p>Thread-safe.
 */
public final class MemoryShare {
    private final long limitBytes;
    private long takenBytes;

    /**
     * @param limitBytes of all that it is for
     */
    public MemoryShare(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** True when there was room for so many bytes more. */
    public synchronized boolean take(long bytes) {
        boolean room = bytes <= limitBytes - takenBytes;
        if (room) {
            takenBytes += bytes;
        }
        return room;
    }

    /** Says that so many bytes that were taken are free again. */
    public synchronized void give(long bytes) {
        if (bytes > takenBytes) {
            throw new IllegalArgumentException("more than was taken");
        }
        takenBytes -= bytes;
    }

    /** Bytes that may be taken now. */
    public synchronized long free() {
        return limitBytes - takenBytes;
    }

    public long limitBytes() {
        return limitBytes;
    }
}

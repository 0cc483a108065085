package dev.strongroom.enclave.memory;

import com.google.errorprone.annotations.RestrictedApi;
import dev.strongroom.enclave.posture.Fit;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Plaintext in protected memory: locked, outside the Java heap, in no core dump, in no child.
 * Printing it prints its size. The caller closes it, which zeroes the memory before anybody else
 * gets it; every view is dead from then on.
 *
 * <p>Thread-safe for reading; filling and closing are for one thread each.
 */
public final class SecretSegment implements AutoCloseable {
    private final ProtectedRegion region;
    private final long bytes;

    private SecretSegment(ProtectedRegion region, long bytes) {
        this.region = region;
        this.bytes = bytes;
    }

    /**
     * Reserves zeroed protected memory.
     *
     * @param bytes size; rounded up to whole pages behind the scene
     * @param fitness proof that this process may hold plaintext
     */
    public static SecretSegment allocate(long bytes, Protection protection, Fit fitness)
            throws MemoryProtectionException {
        Objects.requireNonNull(fitness);
        return new SecretSegment(ProtectedRegion.reserve(bytes, protection), bytes);
    }

    /** The page-aligned size that {@code bytes} take. */
    public static long pageAligned(long bytes) {
        return ProtectedRegion.pageAligned(bytes);
    }

    public long byteSize() {
        return bytes;
    }

    /** Read-only view of a part; valid until {@link #close}. */
    @RestrictedApi(
            explanation = "plaintext weights leave protected memory only for the session",
            allowlistAnnotations = TouchesPlaintext.class,
            allowedOnPath = ".*/src/test/.*")
    public MemorySegment view(long offset, long length) {
        return region.memory().asSlice(0, bytes).asSlice(offset, length).asReadOnly();
    }

    /** Writable view of a part: where opened bytes go. */
    @RestrictedApi(
            explanation = "only the opener writes plaintext",
            allowlistAnnotations = TouchesPlaintext.class,
            allowedOnPath = ".*/src/test/.*")
    public MemorySegment fill(long offset, long length) {
        return region.memory().asSlice(0, bytes).asSlice(offset, length);
    }

    /**
     * Zeroes the memory, reads it back and releases it.
     *
     * @return bytes that were overwritten and read back as zeros; 0 if it was closed before
     * @throws IllegalStateException if some did not take the zeros; nobody gets the memory then
     */
    public long wipe() {
        return region.wipe();
    }

    /** Zeroes the memory and does not release it. */
    public void overwrite() {
        region.overwrite();
    }

    /** Zeroes the memory and keeps its pages, protected as they are, for the next. Idempotent. */
    @Override
    public void close() {
        region.close();
    }

    @Override
    public String toString() {
        return "SecretSegment[" + bytes + " bytes]";
    }
}

package dev.strongroom.crypto.open;

import dev.strongroom.crypto.keys.Derivation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Function;

/**
 * The content key of one seal of a version, checked against its commitment, and the root of the
 * version's digest keys. Only {@link ReleaseKey#open} makes one. It lies in native memory, where no
 * collector copies it.
 *
 * <p>The caller closes it when the version is loaded; closing zeroes it. Thread-safe but for
 * closing during use.
 */
public final class ContentKey implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment key = arena.allocate(Derivation.KEY_BYTES);
    private final MemorySegment digestRoot = arena.allocate(Derivation.KEY_BYTES);

    /** Copies both; the caller zeroes its arrays. */
    ContentKey(byte[] ikm, byte[] digestRoot) {
        MemorySegment.copy(ikm, 0, key, ValueLayout.JAVA_BYTE, 0, Derivation.KEY_BYTES);
        MemorySegment.copy(
                digestRoot, 0, this.digestRoot, ValueLayout.JAVA_BYTE, 0, Derivation.KEY_BYTES);
    }

    /** Runs one derivation on a copy of the key that is zeroed before this returns. */
    byte[] derive(Function<byte[], byte[]> derivation) {
        return withCopy(key, derivation);
    }

    /** Key of the plaintext digest of one file. The caller zeroes it. */
    byte[] digestKey(byte[] fileIdentity) {
        return withCopy(digestRoot, root -> Derivation.plaintextDigestKey(root, fileIdentity));
    }

    /** Key of what guards of this version remember. The caller zeroes it. */
    public byte[] guardKey() {
        return withCopy(digestRoot, Derivation::guardKey);
    }

    /**
     * Hands the root of the digest keys on to the version's next seal, as a copy that is zeroed
     * before this returns.
     */
    public <T> T withDigestRoot(Function<byte[], T> next) {
        return withCopy(digestRoot, next);
    }

    private static <T> T withCopy(MemorySegment secret, Function<byte[], T> use) {
        byte[] copy = new byte[Derivation.KEY_BYTES];
        try {
            MemorySegment.copy(secret, ValueLayout.JAVA_BYTE, 0, copy, 0, copy.length);
            return use.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    /** Zeroes both; more than once is the same as once. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            key.fill((byte) 0);
            digestRoot.fill((byte) 0);
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "ContentKey[redacted]";
    }
}

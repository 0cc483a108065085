package dev.strongroom.crypto.open;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.keys.NativeProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * The digest of a sealed file, as fast in a new process as later.
 *
 * <p>For one thread.
 */
public final class SealedDigest {
    private static final int BUFFER_BYTES = 256 << 10; // stays in the cache between read and hash

    private final MessageDigest sha256 = NativeProvider.sha256();

    /** SHA-256 of all its bytes. */
    public static Digest of(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var digest = new SealedDigest();
            digest.add(channel);
            return digest.finish();
        }
    }

    /** Adds bytes that follow those before. */
    public void add(ByteBuffer bytes) {
        sha256.update(bytes);
    }

    /** Adds what there is from the channel's position to its end. */
    public void add(FileChannel channel) throws IOException {
        var buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        while (channel.read(buffer) >= 0) {
            add(buffer.flip());
            buffer.clear();
        }
    }

    /** SHA-256 of what was added; the next one begins anew. */
    public Digest finish() {
        return Digest.of(sha256.digest());
    }
}

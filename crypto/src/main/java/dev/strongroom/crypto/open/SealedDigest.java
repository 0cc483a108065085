package dev.strongroom.crypto.open;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.keys.NativeProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/** The digest of a sealed file, as fast in a new process as later. */
public final class SealedDigest {
    private static final int BUFFER_BYTES = 256 << 10; // stays in the cache between read and hash

    private SealedDigest() {}

    /** SHA-256 of all its bytes. */
    public static Digest of(Path file) throws IOException {
        MessageDigest sha256 = NativeProvider.sha256();
        var buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(buffer) >= 0) {
                sha256.update(buffer.flip());
                buffer.clear();
            }
        }
        return Digest.of(sha256.digest());
    }
}

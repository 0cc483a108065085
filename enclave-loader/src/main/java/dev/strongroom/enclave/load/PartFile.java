package dev.strongroom.enclave.load;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.open.SealedDigest;
import dev.strongroom.enclave.lease.LeaseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A sealed file while it is written to disk. It is never longer than what came, so its size says
 * where a fetch that was interrupted goes on; its digest is made on the way.
 *
 * <p>For one thread; the caller closes it.
 */
final class PartFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 << 10; // as the vault sends them

    private final FileChannel channel;
    private final long limit;
    private final SealedDigest digest = new SealedDigest();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private PartFile(FileChannel channel, long limit) {
        this.channel = channel;
        this.limit = limit;
    }

    /**
     * Goes on where an earlier fetch stopped.
     *
     * @param limit bytes that the whole file has; what is longer is begun anew
     */
    static PartFile open(Path file, long limit) throws IOException {
        var part =
                new PartFile(
                        FileChannel.open(
                                file,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE),
                        limit);
        try {
            if (part.channel.size() > limit) {
                part.channel.truncate(0);
            }
            part.digest.add(part.channel);
            return part;
        } catch (IOException | RuntimeException e) {
            part.close();
            throw e;
        }
    }

    long bytes() throws IOException {
        return channel.position();
    }

    /** Writes what came next. */
    void append(ByteString chunk) throws IOException, LeaseException {
        if (chunk.size() > limit - channel.position()) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY,
                    "sealed file: the vault sends more than the manifest's " + limit + " bytes");
        }
        for (int at = 0; at < chunk.size(); at += BUFFER_BYTES) {
            buffer.clear();
            chunk.substring(at, Math.min(chunk.size(), at + BUFFER_BYTES)).copyTo(buffer);
            write(buffer.flip());
            digest.add(buffer.rewind());
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Of all its bytes; asked for once, or again after {@link #clear}. */
    Digest digest() {
        return digest.finish();
    }

    /** Begins anew. */
    void clear() throws IOException {
        channel.truncate(0);
    }

    /** Returns when the bytes are on the disk. */
    void force() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

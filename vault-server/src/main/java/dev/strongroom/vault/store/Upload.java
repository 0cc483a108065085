package dev.strongroom.vault.store;

import dev.strongroom.attestation.Digest;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * Writes the bytes of one object. Closing at any moment keeps what arrived; the last byte makes the
 * object appear under its digest, or removes everything when the digest is another.
 *
 * <p>Not thread-safe.
 */
public final class Upload implements AutoCloseable {
    private static final int REREAD_BYTES = 256 * 1024;

    private final SealedObject object;
    private final Path part;
    private final Path target;
    private final FileChannel channel;
    private final Runnable onClose;
    private final MessageDigest running = Digest.newSha256();
    private final boolean fromStart;
    private long length;
    private boolean open = true;

    private Upload(
            SealedObject object, Path part, Path target, FileChannel channel, Runnable onClose)
            throws IOException {
        this.object = object;
        this.part = part;
        this.target = target;
        this.channel = channel;
        this.onClose = onClose;
        this.length = channel.position();
        this.fromStart = length == 0;
    }

    static Upload open(SealedObject object, Path part, Path target, long offset, Runnable onClose)
            throws IOException {
        var channel =
                FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            return new Upload(object, part, target, channel.position(offset), onClose);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Appends.
     *
     * @throws RefusedException OBJECT_TOO_LARGE beyond the declared size; nothing is written
     */
    public void write(ByteBuffer chunk) throws IOException, RefusedException {
        if (chunk.remaining() > object.bytes() - length) {
            throw new RefusedException(
                    Reason.OBJECT_TOO_LARGE,
                    "file "
                            + object.fileIndex()
                            + ": the manifest declares "
                            + object.bytes()
                            + " sealed bytes and more arrived");
        }
        if (fromStart) {
            running.update(chunk.duplicate());
        }
        while (chunk.hasRemaining()) {
            length += channel.write(chunk);
        }
        FaultPoint.UPLOAD_CHUNK_WRITTEN.reached();
    }

    /**
     * Makes what arrived durable and, when it is everything, publishes the object.
     *
     * @return durable bytes
     * @throws RefusedException OBJECT_NOT_AUTHENTIC if the digest is not the declared one; the
     *     bytes are gone then
     */
    public long finish() throws IOException, RefusedException {
        channel.force(true);
        if (length < object.bytes()) {
            close();
            return length;
        }
        if (!digest().equals(object.digest())) {
            Files.deleteIfExists(part);
            close();
            throw new RefusedException(
                    Reason.OBJECT_NOT_AUTHENTIC,
                    "file "
                            + object.fileIndex()
                            + ": the bytes are not the ones that the manifest declares; push"
                            + " again");
        }
        DurableFiles.publish(part, target);
        FaultPoint.OBJECT_DURABLE.reached();
        close();
        return length;
    }

    private Digest digest() throws IOException {
        return Digest.of(fromStart ? running.digest() : reread());
    }

    private byte[] reread() throws IOException {
        MessageDigest sha256 = Digest.newSha256();
        var buffer = ByteBuffer.allocate(REREAD_BYTES);
        channel.position(0);
        while (channel.read(buffer) >= 0) {
            sha256.update(buffer.flip());
            buffer.clear();
        }
        return sha256.digest();
    }

    @Override
    public void close() throws IOException {
        if (open) {
            open = false;
            try {
                channel.close();
            } finally {
                onClose.run();
            }
        }
    }
}

package dev.strongroom.crypto.seal;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.FileHeader;
import dev.strongroom.crypto.format.FileHeader.Place;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.LiveKey;
import dev.strongroom.crypto.keys.NativeProvider;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;

/**
 * One pass over one file: seals each segment, writes it, digests both sides. Plaintext stays in the
 * caller's memory.
 *
 * <p>The caller closes it. Not thread-safe.
 */
public final class SegmentStream implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final ByteBuffer sealed = arena.allocate(SegmentGeometry.SEGMENT_BYTES).asByteBuffer();

    private final WritableByteChannel out;
    private final FileHeader header;
    private final LiveKey key;
    private final Cipher gcm = NativeProvider.cipher("AES/GCM/NoPadding");
    private final Mac plaintextDigest = NativeProvider.mac("HmacSHA256");
    private final MessageDigest sealedDigest = NativeProvider.sha256();
    private int segments;
    private long plaintextBytes;
    private long sealedBytes;

    /**
     * Writes the header.
     *
     * @param key of this header's salt; closed with this object
     * @param digestKey stays the caller's
     */
    SegmentStream(WritableByteChannel out, FileHeader header, LiveKey key, LiveKey digestKey)
            throws IOException {
        this.out = out;
        this.header = header;
        this.key = key;
        try {
            plaintextDigest.init(digestKey);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("HMAC takes any key", e);
        }
        write(ByteBuffer.wrap(header.encode()));
    }

    /**
     * How much plaintext the next segment takes, unless it is the last, which may take less.
     *
     * @return bytes
     */
    public int nextBytes() {
        return segments == 0
                ? SegmentGeometry.FIRST_PLAINTEXT_SEGMENT_BYTES
                : SegmentGeometry.PLAINTEXT_SEGMENT_BYTES;
    }

    /**
     * Seals a segment that is not the last.
     *
     * @param plaintext a direct buffer with {@link #nextBytes} remaining
     */
    public void add(ByteBuffer plaintext) throws IOException {
        if (plaintext.remaining() != nextBytes()) {
            throw new IllegalArgumentException(
                    "segment "
                            + segments
                            + ": expected "
                            + nextBytes()
                            + " bytes, got "
                            + plaintext.remaining());
        }
        seal(plaintext, Place.INNER);
    }

    /**
     * Seals the last segment and ends the file.
     *
     * @param plaintext a direct buffer with at most {@link #nextBytes} remaining
     */
    public SealedFile finish(ByteBuffer plaintext) throws IOException {
        seal(plaintext, Place.LAST);
        return new SealedFile(
                new SealedEntry(sealedBytes, Digest.of(sealedDigest.digest())),
                plaintextBytes,
                plaintextDigest.doFinal());
    }

    private void seal(ByteBuffer plaintext, Place place) throws IOException {
        plaintextDigest.update(plaintext.duplicate());
        plaintextBytes += plaintext.remaining();
        sealed.clear();
        try {
            gcm.init(
                    Cipher.ENCRYPT_MODE,
                    key,
                    new GCMParameterSpec(
                            SegmentGeometry.TAG_BYTES * 8, header.nonce(segments, place)));
            gcm.doFinal(plaintext, sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM of segment " + segments, e);
        }
        segments++;
        write(sealed.flip());
    }

    private void write(ByteBuffer bytes) throws IOException {
        sealedBytes += bytes.remaining();
        sealedDigest.update(bytes.duplicate());
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            key.close();
            arena.close();
        }
    }
}

package dev.strongroom.crypto.seal;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.LiveKey;
import dev.strongroom.crypto.keys.NativeProvider;
import dev.strongroom.crypto.keys.SegmentNonce;
import dev.strongroom.crypto.keys.SegmentNonce.Place;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;

/**
 * One pass over one file: seals, writes, digests both sides; in native memory, which is zeroed on
 * close. Not thread-safe.
 */
final class SegmentStream implements AutoCloseable {
    private final Arena arena = Arena.ofShared();

    // One byte more than a segment's plaintext: reading it tells that the segment is not the last.
    private final MemorySegment plainMemory =
            arena.allocate(SegmentGeometry.PLAINTEXT_SEGMENT_BYTES + 1L);
    private final ByteBuffer plain = plainMemory.asByteBuffer();
    private final ByteBuffer sealed = arena.allocate(SegmentGeometry.SEGMENT_BYTES).asByteBuffer();

    private final WritableByteChannel out;
    private final byte[] header;
    private final LiveKey key;
    private final Cipher gcm = NativeProvider.cipher("AES/GCM/NoPadding");
    private final Mac plaintextDigest = NativeProvider.mac("HmacSHA256");
    private final MessageDigest sealedDigest = NativeProvider.sha256();
    private long plaintextBytes;
    private long sealedBytes;

    /**
     * @param key of this header's salt; stays the caller's
     * @param digestKey stays the caller's
     */
    SegmentStream(WritableByteChannel out, byte[] header, LiveKey key, LiveKey digestKey) {
        this.out = out;
        this.header = header;
        this.key = key;
        try {
            plaintextDigest.init(digestKey);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("HMAC takes any key", e);
        }
    }

    SealedFile sealAll(ReadableByteChannel in) throws IOException {
        write(ByteBuffer.wrap(header));
        int segment = 0;
        int full = SegmentGeometry.FIRST_PLAINTEXT_SEGMENT_BYTES;
        while (fill(in, full + 1)) {
            seal(segment++, full, Place.INNER);
            full = SegmentGeometry.PLAINTEXT_SEGMENT_BYTES;
        }
        seal(segment, plain.position(), Place.LAST);
        return new SealedFile(
                new SealedEntry(sealedBytes, Digest.of(sealedDigest.digest())),
                plaintextBytes,
                plaintextDigest.doFinal());
    }

    /** Reads until {@code plain} holds {@code wanted} bytes; false at the end of the file. */
    private boolean fill(ReadableByteChannel in, int wanted) throws IOException {
        plain.limit(wanted);
        while (plain.hasRemaining()) {
            if (in.read(plain) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Seals the first {@code length} bytes and keeps the rest for the next segment. */
    private void seal(int segment, int length, Place place) throws IOException {
        plain.flip();
        ByteBuffer part = plain.slice(0, length);
        plaintextDigest.update(part.duplicate());
        byte[] nonce = SegmentNonce.of(header, segment, place);
        sealed.clear();
        try {
            gcm.init(
                    Cipher.ENCRYPT_MODE,
                    key,
                    new GCMParameterSpec(SegmentGeometry.TAG_BYTES * 8, nonce));
            gcm.doFinal(part, sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM of segment " + segment, e);
        }
        write(sealed.flip());
        plaintextBytes += length;
        plain.position(length);
        plain.compact();
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
        plainMemory.fill((byte) 0);
        arena.close();
    }
}

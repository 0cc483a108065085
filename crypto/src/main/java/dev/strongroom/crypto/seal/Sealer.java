package dev.strongroom.crypto.seal;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.keys.Hmac;
import dev.strongroom.crypto.keys.SegmentNonce;
import dev.strongroom.crypto.keys.SegmentNonce.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Seals files in Tink's AES256-GCM-HKDF streaming format, one segment in memory at a time. Every
 * call draws a fresh salt and nonce prefix, so no key and nonce ever meet two plaintexts; to resume
 * a transfer, send the sealed bytes again, never seal again.
 *
 * <p>Thread-safe when its random source is.
 */
public final class Sealer {
    private final SecureRandom random;

    public Sealer(SecureRandom random) {
        this.random = random;
    }

    /**
     * Seals everything that {@code in} gives. On an exception what was written is a torso: discard
     * it.
     *
     * @param fileIdentity associated data of the file, from {@link
     *     dev.strongroom.crypto.format.Identity#file}
     * @throws IOException from either channel
     */
    public SealedFile seal(
            ReadableByteChannel in,
            WritableByteChannel out,
            VersionSecrets secrets,
            byte[] fileIdentity)
            throws IOException {
        byte[] header = header();
        byte[] digestKey = Derivation.plaintextDigestKey(secrets.contentKey(), fileIdentity);
        byte[] salt = Arrays.copyOfRange(header, 1, 1 + SegmentGeometry.SALT_BYTES);
        try (var fileKey =
                        new SealingKey(
                                Derivation.fileKey(secrets.contentKey(), salt, fileIdentity));
                var plaintextDigest = new Hmac(digestKey);
                var stream = new SegmentStream(out, fileKey, header, plaintextDigest)) {
            stream.sealAll(in);
            return stream.finish();
        } finally {
            Arrays.fill(digestKey, (byte) 0);
        }
    }

    /** Length byte, salt, nonce prefix. */
    private byte[] header() {
        byte[] header = new byte[SegmentGeometry.HEADER_BYTES];
        random.nextBytes(header);
        header[0] = SegmentGeometry.HEADER_BYTES;
        return header;
    }

    /** One pass over one file: seals, writes, digests both sides. */
    private static final class SegmentStream implements AutoCloseable {
        private final WritableByteChannel out;
        private final SealingKey key;
        private final byte[] header;
        private final Hmac plaintextDigest;
        private final MessageDigest sealedDigest = Digest.newSha256();
        private final Cipher gcm = newGcm();

        // One byte more than a segment's plaintext: reading it tells that the segment is not last.
        private final ByteBuffer plain =
                ByteBuffer.allocate(SegmentGeometry.PLAINTEXT_SEGMENT_BYTES + 1);
        private final ByteBuffer sealed = ByteBuffer.allocate(SegmentGeometry.SEGMENT_BYTES);
        private long plaintextBytes;
        private long sealedBytes;

        SegmentStream(
                WritableByteChannel out, SealingKey key, byte[] header, Hmac plaintextDigest) {
            this.out = out;
            this.key = key;
            this.header = header;
            this.plaintextDigest = plaintextDigest;
        }

        void sealAll(ReadableByteChannel in) throws IOException {
            write(ByteBuffer.wrap(header));
            int segment = 0;
            int full = SegmentGeometry.FIRST_PLAINTEXT_SEGMENT_BYTES;
            while (fill(in, full + 1)) {
                sealSegment(segment++, full, Place.INNER);
                full = SegmentGeometry.PLAINTEXT_SEGMENT_BYTES;
            }
            sealSegment(segment, plain.position(), Place.LAST);
        }

        SealedFile finish() {
            return new SealedFile(
                    new SealedEntry(sealedBytes, Digest.of(sealedDigest.digest())),
                    plaintextBytes,
                    plaintextDigest.finish());
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
        private void sealSegment(int segment, int length, Place place) throws IOException {
            plain.flip();
            ByteBuffer part = plain.slice(0, length);
            plaintextDigest.update(part.duplicate());
            sealed.clear();
            try {
                gcm.init(
                        Cipher.ENCRYPT_MODE,
                        key,
                        new GCMParameterSpec(SegmentGeometry.TAG_BYTES * 8, nonce(segment, place)));
                gcm.doFinal(part, sealed);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES-GCM of segment " + segment, e);
            }
            write(sealed.flip());
            plaintextBytes += length;
            plain.position(length);
            plain.compact();
        }

        private byte[] nonce(int segment, Place place) {
            return SegmentNonce.of(header, segment, place);
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
            Arrays.fill(plain.array(), (byte) 0);
        }

        private static Cipher newGcm() {
            try {
                return Cipher.getInstance("AES/GCM/NoPadding");
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has AES-GCM", e);
            }
        }
    }
}

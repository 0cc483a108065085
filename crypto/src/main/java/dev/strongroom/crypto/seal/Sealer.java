package dev.strongroom.crypto.seal;

import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.keys.LiveKey;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.SecureRandom;
import java.util.Arrays;

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
     * it. Both channels are given direct buffers.
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
        byte[] salt = Arrays.copyOfRange(header, 1, 1 + SegmentGeometry.SALT_BYTES);
        byte[] ikm = secrets.contentKey();
        try (var fileKey = new LiveKey(Derivation.fileKey(ikm, salt, fileIdentity));
                var digestKey = new LiveKey(Derivation.plaintextDigestKey(ikm, fileIdentity));
                var stream = new SegmentStream(out, header, fileKey, digestKey)) {
            return stream.sealAll(in);
        }
    }

    /** Length byte, salt, nonce prefix. */
    private byte[] header() {
        byte[] header = new byte[SegmentGeometry.HEADER_BYTES];
        random.nextBytes(header);
        header[0] = SegmentGeometry.HEADER_BYTES;
        return header;
    }
}

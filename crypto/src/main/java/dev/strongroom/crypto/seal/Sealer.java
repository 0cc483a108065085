package dev.strongroom.crypto.seal;

import dev.strongroom.crypto.format.FileHeader;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.keys.LiveKey;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.SecureRandom;

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
        try (var stream = begin(out, secrets, fileIdentity);
                var plain = new PlainReader(in)) {
            return plain.sealAll(stream);
        }
    }

    /**
     * Begins a file whose segments the caller gives one by one. The caller closes it.
     *
     * @param fileIdentity as for {@link #seal}
     */
    public SegmentStream begin(WritableByteChannel out, VersionSecrets secrets, byte[] fileIdentity)
            throws IOException {
        FileHeader header = FileHeader.draw(random);
        var fileKey =
                new LiveKey(
                        secrets.derive(
                                ikm -> Derivation.fileKey(ikm, header.salt(), fileIdentity)));
        try (var digestKey = new LiveKey(secrets.digestKey(fileIdentity))) {
            return new SegmentStream(out, header, fileKey, digestKey);
        } catch (IOException | RuntimeException e) {
            fileKey.close();
            throw e;
        }
    }
}

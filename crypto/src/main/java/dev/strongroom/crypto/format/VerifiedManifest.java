package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;

/**
 * A manifest whose statements the owner signed and which is consistent in itself. Only {@link
 * Manifest#verify} makes one.
 *
 * <p>Immutable and thread-safe.
 */
public final class VerifiedManifest {
    private final Manifest manifest;
    private final ContentStatement content;
    private final SealStatement seal;
    private final Digest digest;

    VerifiedManifest(Manifest manifest, ContentStatement content, SealStatement seal) {
        this.manifest = manifest;
        this.content = content;
        this.seal = seal;
        this.digest = manifest.digest();
    }

    public Manifest manifest() {
        return manifest;
    }

    public ContentStatement content() {
        return content;
    }

    public SealStatement seal() {
        return seal;
    }

    public Identity identity() {
        return content.identity();
    }

    /** {@link Manifest#digest}. */
    public Digest digest() {
        return digest;
    }

    /** Associated data of the file at this place. */
    public byte[] fileIdentity(int fileIndex) {
        return identity().file(content.files().get(fileIndex).name(), fileIndex);
    }
}

package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.SealingKey;
import java.util.Optional;

/**
 * A manifest whose content statement the owner signed, whose seal is the owner's or that of a node
 * that the owner allows, and which is consistent in itself. Only {@link Manifest}'s {@code verify}
 * makes one.
 *
 * <p>Immutable and thread-safe.
 */
public final class VerifiedManifest {
    private final Manifest manifest;
    private final ContentStatement content;
    private final SealStatement seal;
    private final Optional<Attested<SealingKey>> sealer;
    private final Digest digest;

    VerifiedManifest(
            Manifest manifest,
            ContentStatement content,
            SealStatement seal,
            Optional<Attested<SealingKey>> sealer) {
        this.manifest = manifest;
        this.content = content;
        this.seal = seal;
        this.sealer = sealer;
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

    /** The node that sealed; empty when the owner did. */
    public Optional<Attested<SealingKey>> sealer() {
        return sealer;
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

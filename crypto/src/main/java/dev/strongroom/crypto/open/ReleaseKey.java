package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;

/**
 * The node's RSA-3072 key for one release. Private half in native memory; good for one decryption,
 * whether it succeeds or not.
 *
 * <p>Thread-safe: of several threads that open with one key, one may.
 */
public final class ReleaseKey implements AutoCloseable {
    private final byte[] spki;

    private ReleaseKey(byte[] spki) {
        this.spki = spki;
    }

    /** Makes a key; takes about 100 ms. */
    public static ReleaseKey generate() {
        return new ReleaseKey(new byte[0]);
    }

    /** SubjectPublicKeyInfo, to be bound into evidence. */
    public byte[] spki() {
        return spki.clone();
    }

    /**
     * Opens T, with T the manifest's envelope, and checks the content key against the commitment.
     *
     * @param wrappedKey RSA-OAEP of T to this key
     * @throws SealedFormatException when the key is not of this manifest; one message for every
     *     reason
     * @throws IllegalStateException at the second call
     */
    public ContentKey open(byte[] wrappedKey, VerifiedManifest manifest)
            throws SealedFormatException {
        throw new SealedFormatException("release key: cannot open yet");
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "ReleaseKey[redacted]";
    }
}

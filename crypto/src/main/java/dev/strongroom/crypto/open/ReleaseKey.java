package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.keys.LiveKey;
import dev.strongroom.crypto.keys.NativeProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * The node's RSA-3072 key for one release. Its private half lies in native memory; it is good for
 * one decryption, whether that succeeds or not.
 *
 * <p>Thread-safe: of several threads that open with one key, one may.
 */
public final class ReleaseKey implements AutoCloseable {
    private static final int MODULUS_BITS = 3072;
    private static final int WRAPPED_BYTES = MODULUS_BITS / 8;

    private final AtomicReference<@Nullable PrivateKey> privateKey;
    private final byte[] spki;

    private ReleaseKey(KeyPair keys) {
        this.privateKey = new AtomicReference<>(keys.getPrivate());
        this.spki = keys.getPublic().getEncoded();
    }

    /** Makes a key; takes some hundred milliseconds. */
    public static ReleaseKey generate() {
        KeyPairGenerator generator = NativeProvider.rsa();
        generator.initialize(MODULUS_BITS);
        return new ReleaseKey(generator.generateKeyPair());
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
     *     reason. Also when the version is split
     * @throws IllegalStateException at the second call
     */
    public ContentKey open(byte[] wrappedKey, VerifiedManifest manifest)
            throws SealedFormatException {
        return open(wrappedKey, manifest, Optional.empty());
    }

    /**
     * The same for a split version.
     *
     * @param part what the owner's agent released; stays the caller's
     */
    public ContentKey open(byte[] wrappedKey, VerifiedManifest manifest, SecondPart part)
            throws SealedFormatException {
        return open(wrappedKey, manifest, Optional.of(part));
    }

    /**
     * Opens the second part of a split version.
     *
     * @param wrappedPart RSA-OAEP SHA-256 of the part to this key
     * @throws SealedFormatException when it is not; one message for every reason
     * @throws IllegalStateException at the second call
     */
    public SecondPart openPart(byte[] wrappedPart) throws SealedFormatException {
        PrivateKey key = take();
        var opened = new AtomicReference<@Nullable SecondPart>();
        KeyThread.runAll(
                1,
                () ->
                        unwrap(key, wrappedPart, OaepHash.SHA256)
                                .ifPresent(part -> opened.set(SecondPart.keep(part))));
        SecondPart part = opened.get();
        if (part == null) {
            throw new SealedFormatException(
                    "part: expected one that is sealed to this release key");
        }
        return part;
    }

    /**
     * Forgets the private key; its native memory is freed, zeroed, when the object is collected.
     */
    @Override
    public void close() {
        privateKey.set(null);
    }

    @Override
    public String toString() {
        return "ReleaseKey[redacted]";
    }

    private ContentKey open(byte[] wrappedKey, VerifiedManifest manifest, Optional<SecondPart> part)
            throws SealedFormatException {
        PrivateKey key = take();
        if (manifest.content().suite().isSplit() != part.isPresent()) {
            throw new SealedFormatException(
                    "release: a split version takes its owner's part, and no other version does");
        }
        var opened = new AtomicReference<@Nullable ContentKey>();
        KeyThread.runAll(1, () -> opened.set(contentKey(key, wrappedKey, manifest, part)));
        ContentKey contentKey = opened.get();
        if (contentKey == null) {
            throw new SealedFormatException(
                    "release: expected the wrapping key of manifest "
                            + manifest.digest()
                            + ", wrapped to this release key");
        }
        return contentKey;
    }

    /** Only once: a key that was used, even in vain, is gone. */
    private PrivateKey take() {
        PrivateKey key = privateKey.getAndSet(null);
        if (key == null) {
            throw new IllegalStateException("release key: used or closed; make a new one");
        }
        return key;
    }

    private static @Nullable ContentKey contentKey(
            PrivateKey key,
            byte[] wrappedKey,
            VerifiedManifest manifest,
            Optional<SecondPart> part) {
        return unwrap(key, wrappedKey, manifest.content().suite().oaepHash())
                .flatMap(t -> openEnvelope(t, manifest))
                .map(keys ->
                        part.map(second -> second.join(keys, manifest.identity())).orElse(keys))
                .flatMap(keys -> checkCommitment(keys, manifest))
                .orElse(null);
    }

    private static Optional<byte[]> unwrap(PrivateKey key, byte[] wrappedKey, OaepHash hash) {
        if (wrappedKey.length != WRAPPED_BYTES) {
            return Optional.empty();
        }
        try {
            Cipher rsa = NativeProvider.cipher("RSA/ECB/NoPadding");
            rsa.init(Cipher.DECRYPT_MODE, key);
            byte[] encoded = rsa.doFinal(wrappedKey);
            // The native side worked on copies of its own; let a public value take their place.
            byte[] two = new byte[WRAPPED_BYTES];
            two[WRAPPED_BYTES - 1] = 2;
            rsa.doFinal(two);
            return Oaep.decode(encoded, hash, Derivation.KEY_BYTES);
        } catch (GeneralSecurityException e) {
            return Optional.empty(); // not below the modulus
        }
    }

    /** What is under T: the content key, and after epoch 0 the root. Zeroes {@code t}. */
    private static Optional<byte[]> openEnvelope(byte[] t, VerifiedManifest manifest) {
        byte[] envelope = manifest.seal().ikmEnvelope();
        int sealedBytes = envelope.length - SealStatement.ENVELOPE_NONCE_BYTES;
        byte[] nonce = Arrays.copyOf(envelope, SealStatement.ENVELOPE_NONCE_BYTES);
        try (var key = new LiveKey(t);
                Arena arena = Arena.ofConfined()) {
            MemorySegment sealed = arena.allocate(sealedBytes);
            MemorySegment plaintext =
                    arena.allocate(sealedBytes - SealStatement.ENVELOPE_TAG_BYTES);
            MemorySegment.copy(
                    envelope,
                    SealStatement.ENVELOPE_NONCE_BYTES,
                    sealed,
                    ValueLayout.JAVA_BYTE,
                    0,
                    sealedBytes);
            new GcmOpener(key).open(nonce, manifest.identity().version(), sealed, plaintext);
            byte[] keys = plaintext.toArray(ValueLayout.JAVA_BYTE);
            plaintext.fill((byte) 0);
            return Optional.of(keys);
        } catch (AEADBadTagException e) {
            return Optional.empty();
        }
    }

    /** Zeroes {@code keys}. */
    private static Optional<ContentKey> checkCommitment(byte[] keys, VerifiedManifest manifest) {
        byte[] ikm = Arrays.copyOf(keys, Derivation.KEY_BYTES);
        byte[] root =
                manifest.seal().epoch() == 0
                        ? Derivation.digestRoot(ikm)
                        : Arrays.copyOfRange(keys, Derivation.KEY_BYTES, keys.length);
        try {
            byte[] commitment = Derivation.commitment(ikm, manifest.identity());
            return MessageDigest.isEqual(commitment, manifest.seal().commitment())
                    ? Optional.of(new ContentKey(ikm, root))
                    : Optional.empty();
        } finally {
            Arrays.fill(keys, (byte) 0);
            Arrays.fill(ikm, (byte) 0);
            Arrays.fill(root, (byte) 0);
        }
    }
}

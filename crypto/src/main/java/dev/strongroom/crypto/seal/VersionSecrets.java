package dev.strongroom.crypto.seal;

import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.PartStatement;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.keys.LiveKey;
import dev.strongroom.crypto.keys.NativeProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.function.Function;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * The secrets of one seal of a version: T, which goes into the token, the content key IKM, which
 * only T opens, and the root of the version's digest keys. Of a split version T opens but the first
 * part of the content key, and the owner's agent gets the second one. They exist while this object
 * is open, in native memory, where no collector copies them.
 *
 * <p>The caller closes it as soon as the version is sealed; closing zeroes them. Not thread-safe.
 */
public final class VersionSecrets implements AutoCloseable {
    private static final int MIN_RSA_BITS = 2048;

    private final SecureRandom random;
    private final Seal seal;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment wrappingKey = arena.allocate(Derivation.KEY_BYTES);
    private final MemorySegment contentKey = arena.allocate(Derivation.KEY_BYTES);
    private final MemorySegment digestRoot = arena.allocate(Derivation.KEY_BYTES);
    private final MemorySegment firstPart = arena.allocate(Derivation.KEY_BYTES);
    private final MemorySegment secondPart = arena.allocate(Derivation.KEY_BYTES);

    private enum Seal {
        /** The owner's: the digest keys come from this content key. */
        FIRST,
        /** The owner's, of a content key in two parts. */
        SPLIT,
        /** A node's: the root came with the seal before and is handed on. */
        RENEWED
    }

    private VersionSecrets(SecureRandom random, Seal seal) {
        this.random = random;
        this.seal = seal;
        draw(wrappingKey);
        draw(contentKey);
    }

    /** For a version's first seal. */
    public static VersionSecrets generate(SecureRandom random) {
        var secrets = new VersionSecrets(random, Seal.FIRST);
        secrets.keep(secrets.derive(Derivation::digestRoot), secrets.digestRoot);
        return secrets;
    }

    /**
     * For the seal of a split version.
     *
     * @param identity of the version, which the content key is bound to
     */
    public static VersionSecrets split(SecureRandom random, Identity identity) {
        if (!identity.suite().isSplit()) {
            throw new IllegalArgumentException("identity: expected a split suite");
        }
        var secrets = new VersionSecrets(random, Seal.SPLIT);
        secrets.draw(secrets.firstPart);
        secrets.draw(secrets.secondPart);
        secrets.keep(
                secrets.with(
                        secrets.firstPart,
                        first ->
                                secrets.with(
                                        secrets.secondPart,
                                        second -> Derivation.splitKey(first, second, identity))),
                secrets.contentKey);
        secrets.keep(secrets.derive(Derivation::digestRoot), secrets.digestRoot);
        return secrets;
    }

    /**
     * For a later seal of the same content.
     *
     * @param digestRoot of the version; copied, the caller zeroes it
     */
    public static VersionSecrets renew(SecureRandom random, byte[] digestRoot) {
        var secrets = new VersionSecrets(random, Seal.RENEWED);
        secrets.keep(digestRoot.clone(), secrets.digestRoot);
        return secrets;
    }

    /**
     * T, encrypted to the tenant's import key with RSA-OAEP.
     *
     * @throws SealedFormatException when the certificate holds no RSA key of at least 2048 bits
     */
    public byte[] wrapTo(ImportCertificate certificate) throws SealedFormatException {
        return encrypt(
                wrappingKey,
                rsaKey("import key", certificate.spki(), MIN_RSA_BITS),
                certificate.hash());
    }

    /**
     * The second part, encrypted to the agent's part key with RSA-OAEP SHA-256.
     *
     * @param partKeySpki as the agent showed it under its pinned TLS key
     * @throws SealedFormatException when this is no RSA key of at least 3072 bits
     */
    public byte[] wrapSecondPart(byte[] partKeySpki) throws SealedFormatException {
        if (seal != Seal.SPLIT) {
            throw new IllegalStateException("the version is not split");
        }
        return encrypt(
                secondPart,
                rsaKey("agent's part key", partKeySpki, PartStatement.KEY_BITS),
                OaepHash.SHA256);
    }

    private byte[] encrypt(MemorySegment secret, PublicKey key, OaepHash hash) {
        return with(
                secret,
                bytes -> {
                    try {
                        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
                        oaep.init(Cipher.ENCRYPT_MODE, key, hash.parameters(), random);
                        return oaep.doFinal(bytes);
                    } catch (GeneralSecurityException e) {
                        throw new IllegalStateException("RSA-OAEP of 32 bytes", e);
                    }
                });
    }

    /** The keys of this seal under T, bound to the version: nonce, ciphertext, tag. */
    public byte[] envelope(Identity identity) {
        byte[] nonce = new byte[SealStatement.ENVELOPE_NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] keys = envelopeKeys();
        try (var key = new LiveKey(with(wrappingKey, byte[]::clone))) {
            Cipher gcm = NativeProvider.cipher("AES/GCM/NoPadding");
            gcm.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
            gcm.updateAAD(identity.version());
            byte[] sealed = gcm.doFinal(keys);
            return ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM of " + keys.length + " bytes", e);
        } finally {
            Arrays.fill(keys, (byte) 0);
        }
    }

    private byte[] envelopeKeys() {
        int count = seal == Seal.RENEWED ? 2 : 1;
        byte[] keys = new byte[count * Derivation.KEY_BYTES];
        copy(seal == Seal.SPLIT ? firstPart : contentKey, keys, 0);
        if (seal == Seal.RENEWED) {
            copy(digestRoot, keys, Derivation.KEY_BYTES);
        }
        return keys;
    }

    /** Public value that ties the content key to owner and version. */
    public byte[] commitment(Identity identity) {
        return derive(ikm -> Derivation.commitment(ikm, identity));
    }

    /** Runs one derivation on a copy of the content key that is zeroed before this returns. */
    byte[] derive(Function<byte[], byte[]> derivation) {
        return with(contentKey, derivation);
    }

    /** Key of the plaintext digest of one file. The caller zeroes it. */
    byte[] digestKey(byte[] fileIdentity) {
        return with(digestRoot, root -> Derivation.plaintextDigestKey(root, fileIdentity));
    }

    /** For tests that look for it; a copy. */
    byte[] wrappingKey() {
        return with(wrappingKey, byte[]::clone);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            wrappingKey.fill((byte) 0);
            contentKey.fill((byte) 0);
            digestRoot.fill((byte) 0);
            firstPart.fill((byte) 0);
            secondPart.fill((byte) 0);
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "VersionSecrets[redacted]";
    }

    private void draw(MemorySegment secret) {
        byte[] drawn = new byte[Derivation.KEY_BYTES];
        random.nextBytes(drawn);
        MemorySegment.copy(drawn, 0, secret, ValueLayout.JAVA_BYTE, 0, drawn.length);
        Arrays.fill(drawn, (byte) 0);
    }

    /** Zeroes {@code secret}. */
    private void keep(byte[] secret, MemorySegment in) {
        MemorySegment.copy(secret, 0, in, ValueLayout.JAVA_BYTE, 0, Derivation.KEY_BYTES);
        Arrays.fill(secret, (byte) 0);
    }

    private byte[] with(MemorySegment secret, Function<byte[], byte[]> use) {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("version secrets are closed");
        }
        byte[] copy = new byte[Derivation.KEY_BYTES];
        try {
            copy(secret, copy, 0);
            return use.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    private static void copy(MemorySegment secret, byte[] to, int at) {
        MemorySegment.copy(secret, ValueLayout.JAVA_BYTE, 0, to, at, Derivation.KEY_BYTES);
    }

    private static PublicKey rsaKey(String what, byte[] spki, int minBits)
            throws SealedFormatException {
        try {
            PublicKey key =
                    KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(spki));
            if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= minBits) {
                return key;
            }
            throw new SealedFormatException(
                    what + ": expected RSA of at least " + minBits + " bits");
        } catch (InvalidKeySpecException e) {
            throw new SealedFormatException(what + ": not an RSA SubjectPublicKeyInfo", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }
}

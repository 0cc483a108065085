package dev.strongroom.crypto.seal;

import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.ImportCertificate;
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
 * only T opens, and the root of the version's digest keys. They exist while this object is open, in
 * native memory, where no collector copies them.
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

    private enum Seal {
        /** The owner's: the digest keys come from this content key. */
        FIRST,
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
        byte[] root = secrets.derive(Derivation::digestRoot);
        secrets.keep(root);
        return secrets;
    }

    /**
     * For a later seal of the same content.
     *
     * @param digestRoot of the version; copied, the caller zeroes it
     */
    public static VersionSecrets renew(SecureRandom random, byte[] digestRoot) {
        var secrets = new VersionSecrets(random, Seal.RENEWED);
        secrets.keep(digestRoot.clone());
        return secrets;
    }

    /**
     * T, encrypted to the tenant's import key with RSA-OAEP.
     *
     * @throws SealedFormatException when the certificate holds no RSA key of at least 2048 bits
     */
    public byte[] wrapTo(ImportCertificate certificate) throws SealedFormatException {
        PublicKey importKey = importKey(certificate);
        return with(
                wrappingKey,
                t -> {
                    try {
                        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
                        oaep.init(
                                Cipher.ENCRYPT_MODE,
                                importKey,
                                certificate.hash().parameters(),
                                random);
                        return oaep.doFinal(t);
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
        int count = seal == Seal.FIRST ? 1 : 2;
        byte[] keys = new byte[count * Derivation.KEY_BYTES];
        copy(contentKey, keys, 0);
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

    /** Zeroes {@code root}. */
    private void keep(byte[] root) {
        MemorySegment.copy(root, 0, digestRoot, ValueLayout.JAVA_BYTE, 0, Derivation.KEY_BYTES);
        Arrays.fill(root, (byte) 0);
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

    private static PublicKey importKey(ImportCertificate certificate) throws SealedFormatException {
        try {
            PublicKey key =
                    KeyFactory.getInstance("RSA")
                            .generatePublic(new X509EncodedKeySpec(certificate.spki()));
            if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= MIN_RSA_BITS) {
                return key;
            }
            throw new SealedFormatException(
                    "import key: expected RSA of at least " + MIN_RSA_BITS + " bits");
        } catch (InvalidKeySpecException e) {
            throw new SealedFormatException("import key: not an RSA SubjectPublicKeyInfo", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }
}

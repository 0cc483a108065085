package dev.strongroom.crypto.seal;

import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.keys.LiveKey;
import dev.strongroom.crypto.keys.NativeProvider;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * The two fresh secrets of one version: T, which goes into the token, and the content key IKM,
 * which only T opens. Both exist on the owner's machine while this object is open.
 *
 * <p>The caller closes it as soon as the version is sealed; closing zeroes both. Not thread-safe.
 */
public final class VersionSecrets implements AutoCloseable {
    private static final int NONCE_BYTES = 12;
    private static final int MIN_RSA_BITS = 2048;

    private final SecureRandom random;
    private final byte[] wrappingKey = new byte[Derivation.KEY_BYTES];
    private final byte[] contentKey = new byte[Derivation.KEY_BYTES];
    private State state = State.OPEN;

    private enum State {
        OPEN,
        CLOSED
    }

    private VersionSecrets(SecureRandom random) {
        this.random = random;
        random.nextBytes(wrappingKey);
        random.nextBytes(contentKey);
    }

    public static VersionSecrets generate(SecureRandom random) {
        return new VersionSecrets(random);
    }

    /**
     * T, encrypted to the tenant's import key with RSA-OAEP.
     *
     * @throws SealedFormatException when the certificate holds no RSA key of at least 2048 bits
     */
    public byte[] wrapTo(ImportCertificate certificate) throws SealedFormatException {
        requireOpen();
        PublicKey importKey = importKey(certificate);
        try {
            Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
            oaep.init(Cipher.ENCRYPT_MODE, importKey, certificate.hash().parameters(), random);
            return oaep.doFinal(wrappingKey);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("RSA-OAEP of 32 bytes", e);
        }
    }

    /** The content key under T, bound to the version: nonce, ciphertext, tag. */
    public byte[] envelope(Identity identity) {
        requireOpen();
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try (var key = new LiveKey(wrappingKey.clone())) {
            Cipher gcm = NativeProvider.cipher("AES/GCM/NoPadding");
            gcm.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
            gcm.updateAAD(identity.version());
            return ByteBuffer.allocate(SealStatement.IKM_ENVELOPE_BYTES)
                    .put(nonce)
                    .put(gcm.doFinal(contentKey))
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM of 32 bytes", e);
        }
    }

    /** Public value that ties the content key to owner and version. */
    public byte[] commitment(Identity identity) {
        requireOpen();
        return Derivation.commitment(contentKey, identity);
    }

    /** For the sealer only. */
    byte[] contentKey() {
        requireOpen();
        return contentKey;
    }

    /** For tests that look for it. */
    byte[] wrappingKey() {
        requireOpen();
        return wrappingKey;
    }

    @Override
    public void close() {
        state = State.CLOSED;
        Arrays.fill(wrappingKey, (byte) 0);
        Arrays.fill(contentKey, (byte) 0);
    }

    @Override
    public String toString() {
        return "VersionSecrets[redacted]";
    }

    private void requireOpen() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("version secrets are closed");
        }
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

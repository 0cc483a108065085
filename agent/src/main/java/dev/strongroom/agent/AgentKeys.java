package dev.strongroom.agent;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PartStatement;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import javax.crypto.Cipher;

/**
 * The agent's two keys: the P-256 key of its TLS endpoint, by which everybody knows it, and the
 * RSA-3072 key that parts are encrypted to. At rest they are in a PKCS#12 key store (AES-256, HMAC
 * SHA-256) under a random password; the parts themselves are ciphertext everywhere.
 *
 * <p>Immutable and thread-safe.
 */
final class AgentKeys {
    static final int PART_BYTES = 32;
    private static final String TLS = "tls";
    private static final String PART = "part";

    private final PrivateKey tlsKey;
    private final X509Certificate tlsCertificate;
    private final PrivateKey partKey;
    private final byte[] partSpki;

    private AgentKeys(
            PrivateKey tlsKey,
            X509Certificate tlsCertificate,
            PrivateKey partKey,
            byte[] partSpki) {
        this.tlsKey = tlsKey;
        this.tlsCertificate = tlsCertificate;
        this.partKey = partKey;
        this.partSpki = partSpki;
    }

    static AgentKeys generate(SecureRandom random) {
        KeyPair tls = P256.newKeyPair(random);
        try {
            KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(PartStatement.KEY_BITS, random);
            KeyPair part = rsa.generateKeyPair();
            return new AgentKeys(
                    tls.getPrivate(),
                    SelfSigned.of(tls),
                    part.getPrivate(),
                    part.getPublic().getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    /** The key store's bytes. */
    byte[] store(char[] password) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        var part = new KeyPair(publicPartKey(), partKey);
        store.setKeyEntry(TLS, tlsKey, password, new Certificate[] {tlsCertificate});
        store.setKeyEntry(PART, partKey, password, new Certificate[] {SelfSigned.of(part)});
        var out = new ByteArrayOutputStream();
        store.store(out, password);
        return out.toByteArray();
    }

    /**
     * Reads a key store.
     *
     * @throws GeneralSecurityException also when keys are missing
     * @throws IOException when the password is another one or the bytes are damaged
     */
    static AgentKeys load(byte[] stored, char[] password)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(stored), password);
        Key tls = store.getKey(TLS, password);
        Key part = store.getKey(PART, password);
        if (tls instanceof PrivateKey tlsKey
                && part instanceof PrivateKey partKey
                && store.getCertificate(TLS) instanceof X509Certificate tlsCertificate) {
            byte[] spki = store.getCertificate(PART).getPublicKey().getEncoded();
            return new AgentKeys(tlsKey, tlsCertificate, partKey, spki);
        }
        throw new GeneralSecurityException("expected the keys " + TLS + " and " + PART);
    }

    /** SHA-256 of the TLS key: the agent's name, which owners sign into versions. */
    Digest id() {
        return P256.keyId(tlsCertificate.getPublicKey().getEncoded());
    }

    PrivateKey tlsKey() {
        return tlsKey;
    }

    X509Certificate tlsCertificate() {
        return tlsCertificate;
    }

    byte[] partSpki() {
        return partSpki.clone();
    }

    /**
     * The part in a statement; the caller zeroes it.
     *
     * @throws GeneralSecurityException when it was not encrypted to this agent's part key
     */
    byte[] open(PartStatement statement) throws GeneralSecurityException {
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(Cipher.DECRYPT_MODE, partKey, OaepHash.SHA256.parameters());
        byte[] part = oaep.doFinal(statement.sealedPart());
        if (part.length != PART_BYTES) {
            Arrays.fill(part, (byte) 0);
            throw new GeneralSecurityException("expected a part of " + PART_BYTES + " bytes");
        }
        return part;
    }

    private PublicKey publicPartKey() throws GeneralSecurityException {
        return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(partSpki));
    }

    @Override
    public String toString() {
        return "AgentKeys[" + id() + "]";
    }
}

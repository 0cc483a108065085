package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.rules.KeyName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * What is in an unlocked key store. Keys are called by the labels of {@link KeyName}; each is
 * decoded at its first use and then stays in this heap. The entries have no password of their own:
 * it would be the store's once more.
 *
 * <p>A mark is an entry whose "key" is the public id of what it marks: a key store has no entries
 * for data.
 *
 * <p>Thread-safe. What is added or removed is for one thread at a time, and seen by others when it
 * is {@link #published}.
 */
final class Entries {
    static final String AES = "AES";
    static final String HMAC = "HmacSHA256";
    static final int SECRET_BYTES = 32;

    private static final BouncyCastleProvider BOUNCY_CASTLE = new BouncyCastleProvider();
    private static final char[] NO_PASSWORD = {};
    private static final String SERIAL = "strongroom/serial";
    private static final int SERIAL_BYTES = 16;

    private final KeyStore store;
    private final Map<String, Key> decoded = new ConcurrentHashMap<>();
    private volatile Set<String> visible = Set.of();

    private Entries(KeyStore store) {
        this.store = store;
    }

    /** An empty store with a serial number of its own. */
    static Entries create(SecureRandom random) throws GeneralSecurityException, IOException {
        var entries = new Entries(KeyStore.getInstance("BCFKS", BOUNCY_CASTLE));
        entries.store.load(null, null);
        byte[] serial = new byte[SERIAL_BYTES];
        random.nextBytes(serial);
        entries.putSecret(SERIAL, serial, AES);
        return entries;
    }

    /**
     * @throws IOException if the password is wrong or the file was changed
     */
    static Entries load(byte[] file, StorePassword password)
            throws GeneralSecurityException, IOException {
        StoreProtection.require(file);
        var entries = new Entries(KeyStore.getInstance("BCFKS", BOUNCY_CASTLE));
        entries.store.load(new ByteArrayInputStream(file), password.characters());
        return entries.published();
    }

    /** The encrypted file, with what was added or removed and is not published yet. */
    synchronized byte[] encode(StorePassword password)
            throws GeneralSecurityException, IOException {
        var out = new ByteArrayOutputStream();
        store.store(StoreProtection.forStoring(out, password));
        return out.toByteArray();
    }

    /** Shows what was added: once the file that {@link #encode} gave is on disk. */
    synchronized Entries published() {
        try {
            visible = Set.copyOf(Collections.list(store.aliases()));
        } catch (KeyStoreException e) {
            throw new IllegalStateException("a key store that was loaded is not", e);
        }
        decoded.keySet().retainAll(visible);
        return this;
    }

    static String format() {
        return "Bouncy Castle BCFKS " + BOUNCY_CASTLE.getVersionStr();
    }

    /** What tells this store from every other one; it lasts as long as the store. */
    String serial() throws CustodyException {
        byte[] serial = key(SERIAL, SecretKey.class).getEncoded();
        return "bcfks-" + HexFormat.of().formatHex(serial);
    }

    boolean has(KeyName name) {
        return visible.contains(name.label());
    }

    /**
     * @throws CustodyException KEY_EXISTS
     */
    void requireAbsent(KeyName name) throws CustodyException {
        if (has(name)) {
            throw new CustodyException(
                    Reason.KEY_EXISTS, name.label() + " is already in the key store; nothing made");
        }
    }

    Set<String> labels() {
        return visible;
    }

    /**
     * @throws CustodyException KEY_NOT_FOUND, KEY_ATTRIBUTES
     */
    SecretKey secret(KeyName name, String algorithm) throws CustodyException {
        SecretKey key = key(name.label(), SecretKey.class);
        byte[] value = key.getEncoded();
        try {
            if (value.length != SECRET_BYTES || !key.getAlgorithm().equals(algorithm)) {
                throw notAsMade(name.label());
            }
            return key;
        } finally {
            Arrays.fill(value, (byte) 0);
        }
    }

    /**
     * The private key as the JDK's own provider has it.
     *
     * @throws CustodyException KEY_NOT_FOUND, KEY_ATTRIBUTES
     */
    PrivateKey privateKey(KeyName name) throws CustodyException {
        return key(name.label(), PrivateKey.class);
    }

    synchronized PublicKey publicKey(KeyName name) throws CustodyException {
        try {
            Certificate carrier = store.getCertificate(name.label());
            if (carrier == null) {
                throw notFound(name.label());
            }
            PublicKey key = carrier.getPublicKey();
            return KeyFactory.getInstance(key.getAlgorithm())
                    .generatePublic(new X509EncodedKeySpec(key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw failed(name.label(), e);
        }
    }

    private <K extends Key> K key(String label, Class<K> type) throws CustodyException {
        if (!visible.contains(label)) {
            throw notFound(label);
        }
        Key key = decoded.get(label);
        if (key == null) {
            key = decode(label);
            decoded.put(label, key);
        }
        if (!type.isInstance(key)) {
            throw notAsMade(label);
        }
        return type.cast(key);
    }

    private synchronized Key decode(String label) throws CustodyException {
        try {
            Key key = store.getKey(label, NO_PASSWORD);
            if (key == null) {
                throw notFound(label);
            }
            return key instanceof PrivateKey privateKey ? ofTheJdk(privateKey) : key;
        } catch (GeneralSecurityException e) {
            throw failed(label, e);
        }
    }

    private static PrivateKey ofTheJdk(PrivateKey key) throws GeneralSecurityException {
        byte[] pkcs8 = key.getEncoded();
        try {
            return KeyFactory.getInstance(key.getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    void addSecret(KeyName name, String algorithm, SecureRandom random)
            throws GeneralSecurityException, CustodyException {
        requireAbsent(name);
        byte[] value = new byte[SECRET_BYTES];
        random.nextBytes(value);
        putSecret(name.label(), value, algorithm);
    }

    void addMark(KeyName name) throws GeneralSecurityException, CustodyException {
        requireAbsent(name);
        putSecret(name.label(), name.id().bytes(), AES);
    }

    synchronized void addPair(KeyName name, KeyPair pair, Certificate carrier)
            throws GeneralSecurityException, CustodyException {
        requireAbsent(name);
        store.setKeyEntry(
                name.label(), pair.getPrivate(), NO_PASSWORD, new Certificate[] {carrier});
    }

    synchronized void remove(KeyName name) throws GeneralSecurityException {
        store.deleteEntry(name.label());
    }

    private synchronized void putSecret(String label, byte[] value, String algorithm)
            throws GeneralSecurityException {
        store.setKeyEntry(label, new SecretKeySpec(value, algorithm), NO_PASSWORD, null);
        Arrays.fill(value, (byte) 0);
    }

    static CustodyException notFound(String label) {
        return new CustodyException(
                Reason.KEY_NOT_FOUND,
                label
                        + " is not in the key store; nothing was made in its place. Restore the key"
                        + " store from a backup");
    }

    private static CustodyException notAsMade(String label) {
        return new CustodyException(
                Reason.KEY_ATTRIBUTES, label + ": not the kind of key it was made as; not used");
    }

    private static CustodyException failed(String label, GeneralSecurityException cause) {
        return new CustodyException(
                Reason.TOKEN_FAILED, label + " cannot be read from the key store", cause);
    }
}

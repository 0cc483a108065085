package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.StatementSigner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.Objects;

/** A P-256 key in a file of mode 0600, its public half in another one. Thread-safe. */
final class KeyFile implements PersonalKey {
    private static final byte[] PROBE = "strongroom/key-probe".getBytes(StandardCharsets.US_ASCII);

    private final StatementSigner signer;
    private final byte[] spki;

    private KeyFile(KeyPair keys) {
        this.signer = P256.signer(keys);
        this.spki = keys.getPublic().getEncoded();
    }

    /**
     * Makes a key.
     *
     * @throws ClientException of kind CONFLICT when the file exists: it is never overwritten
     */
    static KeyFile create(Path secretHalf, Path publicHalf, SecureRandom random)
            throws ClientException, IOException {
        KeyPair keys = P256.newKeyPair(random);
        LocalFiles.ownerFolder(Objects.requireNonNull(secretHalf.getParent(), "in a folder"));
        byte[] pkcs8 = keys.getPrivate().getEncoded();
        byte[] pem = Pem.ofPrivateKey(pkcs8);
        try {
            LocalFiles.createSecret(secretHalf, pem);
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
            Arrays.fill(pem, (byte) 0);
        }
        var key = new KeyFile(keys);
        LocalFiles.replace(publicHalf, Pem.ofPublicKey(key.spki));
        return key;
    }

    /** Reads a key; both files must be of one. */
    static KeyFile load(Path secretHalf, Path publicHalf) throws ClientException, IOException {
        PrivateKey secret = Pem.readPrivateKey(secretHalf);
        PublicKey publicKey = readPublic(publicHalf);
        var key = new KeyFile(new KeyPair(publicKey, secret));
        if (!key.matches(publicKey)) {
            throw ClientException.local(
                    secretHalf + " and " + publicHalf.getFileName() + " are not of one key",
                    "restore both files from one backup");
        }
        return key;
    }

    static PublicKey readPublic(Path file) throws ClientException, IOException {
        byte[] spki = Pem.readPublicKey(file);
        return Checks.verified(
                file.toString(),
                "give the .pub.pem that `strongroom owner init` or `strongroom approver init`"
                        + " wrote",
                () -> P256.publicKey(spki));
    }

    private boolean matches(PublicKey publicKey) {
        try {
            return P256.verifies(publicKey, PROBE, sign(PROBE));
        } catch (SignatureException e) {
            return false;
        }
    }

    @Override
    public Digest keyId() {
        return signer.keyId();
    }

    @Override
    public byte[] spki() {
        return spki.clone();
    }

    @Override
    public byte[] sign(byte[] message) throws SignatureException {
        return signer.sign(message);
    }

    @Override
    public String toString() {
        return "KeyFile[" + keyId() + "]";
    }
}

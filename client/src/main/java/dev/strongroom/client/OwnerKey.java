package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.StatementSigner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.util.Arrays;

/**
 * The owner root: an ECDSA P-256 key in a file of mode 0600 that signs everything the enclave must
 * believe. Whoever loses it can publish nothing more under this owner id.
 *
 * <p>Thread-safe.
 */
public final class OwnerKey implements StatementSigner {
    private static final String PUBLIC = "owner.pub.pem";
    private static final byte[] PROBE =
            "strongroom/owner-key-probe".getBytes(StandardCharsets.US_ASCII);

    private final StatementSigner signer;
    private final byte[] spki;

    private OwnerKey(KeyPair keys) {
        this.signer = P256.signer(keys);
        this.spki = keys.getPublic().getEncoded();
    }

    /**
     * Makes a new owner root in a profile and pins its id there.
     *
     * @throws ClientException of kind CONFLICT when the profile has one: it is never overwritten
     */
    public static OwnerKey create(Profile profile, SecureRandom random)
            throws ClientException, IOException {
        KeyPair keys = Keys.newP256(random);
        LocalFiles.ownerFolder(profile.folder());
        byte[] pkcs8 = keys.getPrivate().getEncoded();
        byte[] pem = Pem.ofPrivateKey(pkcs8);
        try {
            LocalFiles.createSecret(profile.ownerKey(), pem);
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
            Arrays.fill(pem, (byte) 0);
        }
        var owner = new OwnerKey(keys);
        LocalFiles.replace(profile.folder().resolve(PUBLIC), Pem.ofPublicKey(owner.spki));
        profile.write("owner.txt", owner.keyId().hex());
        return owner;
    }

    /** Reads the owner root of a profile and checks that it is the owner that the profile pins. */
    public static OwnerKey load(Profile profile) throws ClientException, IOException {
        if (!Files.isRegularFile(profile.ownerKey())) {
            throw new ClientException(
                    ClientException.Kind.DENIED,
                    "no owner root key in " + profile.folder(),
                    "strongroom owner init --context " + profile.folder());
        }
        PrivateKey key = Pem.readPrivateKey(profile.ownerKey());
        PublicKey publicKey = readPublic(profile.folder().resolve(PUBLIC));
        var owner = new OwnerKey(new KeyPair(publicKey, key));
        if (!owner.matches(publicKey) || !owner.keyId().equals(profile.requireOwner())) {
            throw ClientException.local(
                    profile.ownerKey() + ", " + PUBLIC + " and owner.txt are not of one key",
                    "restore the three files from one backup");
        }
        return owner;
    }

    /** Reads the public half, as an operator needs it to create the owner's tenant. */
    public static PublicKey readPublic(Path file) throws ClientException, IOException {
        byte[] spki = Pem.readPublicKey(file);
        return Checks.verified(
                file.toString(),
                "give the owner.pub.pem that `strongroom owner init` wrote",
                () -> P256.publicKey(spki));
    }

    /** The owner id. */
    @Override
    public Digest keyId() {
        return signer.keyId();
    }

    /** SubjectPublicKeyInfo. */
    public byte[] spki() {
        return spki.clone();
    }

    @Override
    public byte[] sign(byte[] message) throws SignatureException {
        return signer.sign(message);
    }

    @Override
    public String toString() {
        return "OwnerKey[" + keyId() + "]";
    }

    private boolean matches(PublicKey publicKey) {
        try {
            return P256.verifies(publicKey, PROBE, sign(PROBE));
        } catch (SignatureException e) {
            return false;
        }
    }
}

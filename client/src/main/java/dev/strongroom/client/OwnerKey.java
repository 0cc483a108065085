package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.StatementSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.SignatureException;

/**
 * The owner root: an ECDSA P-256 key in a file of mode 0600 that signs everything the enclave must
 * believe. Whoever loses it can publish nothing more under this owner id.
 *
 * <p>Thread-safe.
 */
public final class OwnerKey implements PersonalKey {
    private static final String PUBLIC = "owner.pub.pem";

    private final KeyFile key;

    private OwnerKey(KeyFile key) {
        this.key = key;
    }

    /**
     * Makes a new owner root in a profile and pins its id there.
     *
     * @throws ClientException of kind CONFLICT when the profile has one: it is never overwritten
     */
    public static OwnerKey create(Profile profile, SecureRandom random)
            throws ClientException, IOException {
        KeyFile key = KeyFile.create(profile.ownerKey(), profile.folder().resolve(PUBLIC), random);
        profile.write("owner.txt", key.keyId().hex());
        return new OwnerKey(key);
    }

    /** Reads the owner root of a profile and checks that it is the owner that the profile pins. */
    public static OwnerKey load(Profile profile) throws ClientException, IOException {
        if (!Files.isRegularFile(profile.ownerKey())) {
            throw new ClientException(
                    ClientException.Kind.DENIED,
                    "no owner root key in " + profile.folder(),
                    "use the --context of the model's owner, or make a root there: strongroom owner"
                            + " init");
        }
        KeyFile key = KeyFile.load(profile.ownerKey(), profile.folder().resolve(PUBLIC));
        if (!key.keyId().equals(profile.requireOwner())) {
            throw ClientException.local(
                    profile.ownerKey() + " and owner.txt are not of one key",
                    "restore owner.pem, owner.pub.pem and owner.txt from one backup");
        }
        return new OwnerKey(key);
    }

    /** Reads the public half, as an operator needs it to create the owner's tenant. */
    public static PublicKey readPublic(Path file) throws ClientException, IOException {
        return KeyFile.readPublic(file);
    }

    /** The owner id. */
    @Override
    public Digest keyId() {
        return key.keyId();
    }

    @Override
    public byte[] spki() {
        return key.spki();
    }

    @Override
    public byte[] sign(byte[] message) throws SignatureException {
        return key.sign(message);
    }

    /** Signs a statement. */
    interface Signing {
        Dsse by(StatementSigner owner) throws SignatureException;
    }

    /**
     * Signs a statement of the owner's.
     *
     * @throws ClientException of kind LOCAL when the key cannot
     */
    Dsse sign(Signing statement) throws ClientException {
        try {
            return statement.by(this);
        } catch (SignatureException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "the owner root key cannot sign",
                    "restore owner.pem from a backup",
                    e);
        }
    }

    @Override
    public String toString() {
        return "OwnerKey[" + keyId() + "]";
    }
}

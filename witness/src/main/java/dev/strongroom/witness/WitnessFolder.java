package dev.strongroom.witness;

import dev.strongroom.config.ServiceException;
import dev.strongroom.config.ServiceException.Exit;
import dev.strongroom.config.ServiceFolder;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.Cosigner;
import dev.strongroom.crypto.transparency.WitnessKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;

/**
 * The witness's folder, which nobody else enters: its key, what it has seen, and a lock that keeps
 * a second process from signing with the same key.
 */
final class WitnessFolder implements AutoCloseable {
    private static final String SECRET = "key.pkcs8";
    private static final String PUBLIC = "key.spki";
    private static final int MAX_KEY_BYTES = 256;

    private final ServiceFolder folder;

    private WitnessFolder(ServiceFolder folder) {
        this.folder = folder;
    }

    static WitnessFolder open(Path root) throws IOException, ServiceException {
        return new WitnessFolder(ServiceFolder.open(root, "witness"));
    }

    /** Where the checkpoints are that were cosigned. */
    Path seen() {
        return folder.resolve("seen");
    }

    /** Makes the key; one that is there is never overwritten. */
    WitnessKey makeKey(String name, SecureRandom random) throws IOException, ServiceException {
        KeyPair keys = generate(random);
        byte[] secret = keys.getPrivate().getEncoded();
        try {
            folder.writeNew(SECRET, secret);
            folder.writeNew(PUBLIC, keys.getPublic().getEncoded());
        } catch (FileAlreadyExistsException e) {
            throw new ServiceException(
                    Exit.LOCAL,
                    "a key exists already in " + folder.root() + "; use another dataDir",
                    e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        return WitnessKey.of(name, keys.getPublic());
    }

    /** The key under this name. */
    Cosigner cosigner(String name) throws IOException, ServiceException {
        if (!Files.exists(folder.resolve(SECRET))) {
            throw new ServiceException(
                    Exit.LOCAL,
                    "no key in " + folder.root() + "; make one: witness init --config FILE");
        }
        folder.requireOwnersOnly(SECRET, "key");
        byte[] secret = read(SECRET);
        try {
            var factory = KeyFactory.getInstance("Ed25519");
            return new Cosigner(
                    name,
                    new KeyPair(
                            factory.generatePublic(new X509EncodedKeySpec(read(PUBLIC))),
                            factory.generatePrivate(new PKCS8EncodedKeySpec(secret))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw damaged(e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private byte[] read(String name) throws IOException, ServiceException {
        Path file = folder.resolve(name);
        if (Files.size(file) > MAX_KEY_BYTES) {
            throw damaged(new SealedFormatException(name + ": too long"));
        }
        return Files.readAllBytes(file);
    }

    private ServiceException damaged(Exception cause) {
        return new ServiceException(
                Exit.INTEGRITY,
                "the key in "
                        + folder.root()
                        + " is damaged; make a new witness in another dataDir",
                cause);
    }

    private static KeyPair generate(SecureRandom random) {
        try {
            var generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }

    /** Lets another process in. */
    @Override
    public void close() throws IOException {
        folder.close();
    }
}

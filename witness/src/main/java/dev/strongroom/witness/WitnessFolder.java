package dev.strongroom.witness;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.Cosigner;
import dev.strongroom.crypto.transparency.WitnessKey;
import dev.strongroom.witness.WitnessException.Exit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Set;

/**
 * The witness's folder, which nobody else enters: its key, what it has seen, and a lock that keeps
 * a second process from signing with the same key.
 */
final class WitnessFolder implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE =
            PosixFilePermissions.fromString("rw-------");
    private static final String SECRET = "key.pkcs8";
    private static final String PUBLIC = "key.spki";
    private static final int MAX_KEY_BYTES = 256;

    private final Path root;
    private final FileChannel lock;

    private WitnessFolder(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    static WitnessFolder open(Path root) throws IOException, WitnessException {
        Files.createDirectories(root, PosixFilePermissions.asFileAttribute(OWNER));
        if (!OWNER.containsAll(Files.getPosixFilePermissions(root))) {
            throw new WitnessException(
                    Exit.LOCAL, "others may enter " + root + "; run: chmod 700 " + root);
        }
        var lock =
                FileChannel.open(
                        root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isLocked(lock)) {
            lock.close();
            throw new WitnessException(
                    Exit.LOCAL, "data folder " + root + " is in use by another witness");
        }
        return new WitnessFolder(root, lock);
    }

    /** Where the checkpoints are that were cosigned. */
    Path seen() {
        return root.resolve("seen");
    }

    /** Makes the key; one that is there is never overwritten. */
    WitnessKey makeKey(String name, SecureRandom random) throws IOException, WitnessException {
        KeyPair keys = generate(random);
        byte[] secret = keys.getPrivate().getEncoded();
        try {
            write(SECRET, secret);
            write(PUBLIC, keys.getPublic().getEncoded());
        } catch (FileAlreadyExistsException e) {
            throw new WitnessException(
                    Exit.LOCAL, "a key exists already in " + root + "; use another dataDir", e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        return WitnessKey.of(name, keys.getPublic());
    }

    /** The key under this name. */
    Cosigner cosigner(String name) throws IOException, WitnessException {
        if (!Files.exists(root.resolve(SECRET))) {
            throw new WitnessException(
                    Exit.LOCAL, "no key in " + root + "; make one: witness init --config FILE");
        }
        if (!OWNER_FILE.containsAll(Files.getPosixFilePermissions(root.resolve(SECRET)))) {
            throw new WitnessException(
                    Exit.LOCAL, "others may read the key; run: chmod 600 " + root.resolve(SECRET));
        }
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

    private byte[] read(String name) throws IOException, WitnessException {
        Path file = root.resolve(name);
        if (Files.size(file) > MAX_KEY_BYTES) {
            throw damaged(new SealedFormatException(name + ": too long"));
        }
        return Files.readAllBytes(file);
    }

    private WitnessException damaged(Exception cause) {
        return new WitnessException(
                Exit.INTEGRITY,
                "the key in " + root + " is damaged; make a new witness in another dataDir",
                cause);
    }

    private void write(String name, byte[] bytes) throws IOException {
        try (var channel =
                FileChannel.open(
                        root.resolve(name),
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER_FILE))) {
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        try (var directory = FileChannel.open(root, StandardOpenOption.READ)) {
            directory.force(true);
        }
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

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // the other one is in this process
        }
    }

    /** Lets another process in. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}

package dev.strongroom.agent;

import dev.strongroom.agent.AgentException.Exit;
import dev.strongroom.attestation.CollateralFolder;
import dev.strongroom.attestation.CollateralSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Set;

/**
 * The agent's folder, which nobody else enters: its keys, its log, collateral that the owner put
 * there, and a lock that keeps a second process out.
 */
final class AgentFolder implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE =
            PosixFilePermissions.fromString("rw-------");
    private static final String KEYS = "keys.p12";
    private static final int MAX_KEYS_BYTES = 64 * 1024;

    private final Path root;
    private final FileChannel lock;

    private AgentFolder(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    static AgentFolder open(Path root) throws IOException, AgentException {
        Files.createDirectories(root, PosixFilePermissions.asFileAttribute(OWNER));
        if (!OWNER.containsAll(Files.getPosixFilePermissions(root))) {
            throw new AgentException(
                    Exit.LOCAL, "others may enter " + root + "; run: chmod 700 " + root);
        }
        var lock =
                FileChannel.open(
                        root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isLocked(lock)) {
            lock.close();
            throw new AgentException(
                    Exit.LOCAL, "data folder " + root + " is in use by another agent");
        }
        return new AgentFolder(root, lock);
    }

    /** Where the log of an agent with this folder is. */
    static Path log(Path root) {
        return root.resolve("decisions.log");
    }

    Path log() {
        return log(root);
    }

    CollateralSource collateral() {
        return CollateralFolder.inside(root);
    }

    /** Makes the keys; a folder that has some is never written to. */
    AgentKeys makeKeys(KeyPassword password, SecureRandom random)
            throws IOException, AgentException {
        if (Files.exists(root.resolve(KEYS)) || Files.exists(log())) {
            throw new AgentException(
                    Exit.LOCAL, "an agent exists already in " + root + "; use another dataDir");
        }
        password.makeIfMissing(random);
        AgentKeys keys = AgentKeys.generate(random);
        char[] characters = password.read();
        try {
            writeNew(KEYS, keys.store(characters));
            return keys;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PKCS#12 key stores", e);
        } finally {
            Arrays.fill(characters, '\0');
        }
    }

    AgentKeys keys(KeyPassword password) throws IOException, AgentException {
        Path file = root.resolve(KEYS);
        if (!Files.exists(file)) {
            throw new AgentException(
                    Exit.LOCAL, "no agent in " + root + "; make one: agent init --config FILE");
        }
        if (!OWNER_FILE.containsAll(Files.getPosixFilePermissions(file))) {
            throw new AgentException(
                    Exit.LOCAL, "others may read the keys; run: chmod 600 " + file);
        }
        if (Files.size(file) > MAX_KEYS_BYTES) {
            throw unreadable(file, new IOException("more than " + MAX_KEYS_BYTES + " bytes"));
        }
        char[] characters = password.read();
        try {
            return AgentKeys.load(Files.readAllBytes(file), characters);
        } catch (GeneralSecurityException | IOException e) {
            throw unreadable(file, e);
        } finally {
            Arrays.fill(characters, '\0');
        }
    }

    private static AgentException unreadable(Path file, Exception cause) {
        return new AgentException(
                Exit.INTEGRITY,
                file
                        + " cannot be opened: the password is another one or the file is damaged;"
                        + " restore both from one backup",
                cause);
    }

    private void writeNew(String name, byte[] bytes) throws IOException {
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

package dev.strongroom.agent;

import dev.strongroom.attestation.CollateralFolder;
import dev.strongroom.attestation.CollateralSource;
import dev.strongroom.config.ServiceException;
import dev.strongroom.config.ServiceException.Exit;
import dev.strongroom.config.ServiceFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The agent's folder, which nobody else enters: its keys, its log, collateral that the owner put
 * there, and a lock that keeps a second process out.
 */
final class AgentFolder implements AutoCloseable {
    private static final String KEYS = "keys.p12";
    private static final int MAX_KEYS_BYTES = 64 * 1024;

    private final ServiceFolder folder;

    private AgentFolder(ServiceFolder folder) {
        this.folder = folder;
    }

    static AgentFolder open(Path root) throws IOException, ServiceException {
        return new AgentFolder(ServiceFolder.open(root, "agent"));
    }

    /** Where the log of an agent with this folder is. */
    static Path log(Path root) {
        return root.resolve("decisions.log");
    }

    Path log() {
        return log(folder.root());
    }

    CollateralSource collateral() {
        return CollateralFolder.inside(folder.root());
    }

    /** Makes the keys; a folder that has some is never written to. */
    AgentKeys makeKeys(KeyPassword password, SecureRandom random)
            throws IOException, ServiceException {
        if (Files.exists(folder.resolve(KEYS)) || Files.exists(log())) {
            throw new ServiceException(
                    Exit.LOCAL,
                    "an agent exists already in " + folder.root() + "; use another dataDir");
        }
        password.makeIfMissing(random);
        AgentKeys keys = AgentKeys.generate(random);
        char[] characters = password.read();
        try {
            folder.writeNew(KEYS, keys.store(characters));
            return keys;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PKCS#12 key stores", e);
        } finally {
            Arrays.fill(characters, '\0');
        }
    }

    AgentKeys keys(KeyPassword password) throws IOException, ServiceException {
        Path file = folder.resolve(KEYS);
        if (!Files.exists(file)) {
            throw new ServiceException(
                    Exit.LOCAL,
                    "no agent in " + folder.root() + "; make one: agent init --config FILE");
        }
        folder.requireOwnersOnly(KEYS, "keys");
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

    private static ServiceException unreadable(Path file, Exception cause) {
        return new ServiceException(
                Exit.INTEGRITY,
                file
                        + " cannot be opened: the password is another one or the file is damaged;"
                        + " restore both from one backup",
                cause);
    }

    /** Lets another process in. */
    @Override
    public void close() throws IOException {
        folder.close();
    }
}

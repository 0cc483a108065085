package dev.strongroom.agent;

import dev.strongroom.attestation.Digest;
import dev.strongroom.config.Section;
import dev.strongroom.config.ServiceException;
import dev.strongroom.config.ServiceException.Exit;
import dev.strongroom.config.Settings;
import dev.strongroom.config.SettingsException;
import java.nio.file.Path;

/**
 * Everything an agent is told, read once from a YAML file:
 *
 * <pre>
 * dataDir: /var/lib/strongroom-agent
 * owner: 54eac3f5…                    # owner id: SHA-256 of the owner root's public key
 * passwordFile: /etc/strongroom/agent.password   # of its keys; or passwordCredential: NAME
 * listen: {host: 127.0.0.1, port: 0}  # 0 is any free port; the ready line tells
 * </pre>
 *
 * @param owner the only one whose statements, versions and policies count
 */
record AgentConfig(Path dataDir, Digest owner, KeyPassword password, String host, int port) {
    private static final int MAX_PORT = 65_535;
    private static final Digest NO_OWNER = Digest.sha256(); // after a fault

    /** Reads and checks a file; the exception lists every fault. */
    static AgentConfig read(Path file) throws ServiceException {
        try {
            return Settings.read(file, "owner: OWNER-ID", AgentConfig::config);
        } catch (SettingsException e) {
            throw new ServiceException(Exit.LOCAL, String.valueOf(e.getMessage()), e);
        }
    }

    private static AgentConfig config(Section root) {
        root.only("dataDir", "owner", "passwordFile", "passwordCredential", "listen");
        Section listen = root.section("listen", "host", "port");
        return new AgentConfig(
                root.path("dataDir"),
                root.parsed("owner", "64 lower-case hex digits", Digest::new, NO_OWNER),
                password(root),
                listen.text("host", "127.0.0.1"),
                listen.number("port", 0, 0, MAX_PORT));
    }

    private static KeyPassword password(Section root) {
        if (!root.has("passwordCredential")) {
            return KeyPassword.inFile(root.path("passwordFile"));
        }
        if (root.has("passwordFile")) {
            root.fault("passwordCredential", "expected it or passwordFile, not both");
        }
        return KeyPassword.credential(
                root.matching(
                        "passwordCredential",
                        "[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}",
                        "a name that systemd knows"));
    }
}

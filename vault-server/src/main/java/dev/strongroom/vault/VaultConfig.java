package dev.strongroom.vault;

import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Module;
import dev.strongroom.vault.approval.Roster;
import dev.strongroom.vault.audit.WitnessEndpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Everything that is configured, read once at start from one YAML file. Unknown keys are refused,
 * and all faults of a file are listed together.
 *
 * <pre>
 * dataDir: /var/lib/strongroom
 * token: {module: /usr/lib/softhsm/libsofthsm2.so, label: strongroom, pinFile: /etc/strongroom/pin}
 *   # beside or instead of these: profile: nss, level: hsm, parameters: TEXT, keys: ceremony,
 *   # pinCredential: NAME, pinCommand: [/usr/bin/get-pin, strongroom]
 * keyStore:                                 # instead of a token
 *   file: /var/lib/strongroom/keys.bcfks    # if nothing is said: keys.bcfks in the data folder,
 *   passwordFile: /etc/strongroom/password  # or passwordCredential, passwordCommand as above
 * grpc: {host: 127.0.0.1, port: 0}          # 0: any free port, printed
 * http: {host: 127.0.0.1, port: 0}
 * hostNames: [vault.example.org]            # beside localhost and 127.0.0.1, in the certificate
 * limits: {objectBytes: 68719476736, tenantBytes: 1099511627776, unfinishedVersions: 16, unfinishedHours: 24,
 *          leaseMinutes: 1440, leaseInferences: 1000000, rotationBatch: 256, destroyDays: 7, backups: 7}
 * approvals:                                # who agrees to the destruction of a key
 *   threshold: 2
 *   approvers: [{name: alice, key: KEY ID}, {name: bob, key: KEY ID}, {name: carol, key: KEY ID}]
 * witnesses:                                # who is asked to cosign the log's checkpoints
 *   - {url: "http://10.0.0.7:7430", key: WITNESS KEY}
 * </pre>
 *
 * @param dataDir everything durable, but for a token
 * @param custody what keeps the keys; without a word on it, a key store in the data folder
 * @param hostNames further names in the vault's TLS certificate
 * @param approvals empty: nothing that needs approvals can be done
 * @param witnesses may be empty; which of them must agree is for each owner's policy to say
 */
public record VaultConfig(
        Path dataDir,
        Custody custody,
        Listener grpc,
        Listener http,
        List<String> hostNames,
        Limits limits,
        Optional<Roster> approvals,
        List<WitnessEndpoint> witnesses) {
    public VaultConfig {
        hostNames = List.copyOf(hostNames);
        witnesses = List.copyOf(witnesses);
    }

    /** What keeps the keys: a vault made with one kind does not start with the other. */
    public sealed interface Custody {}

    /**
     * The PKCS#11 token.
     *
     * @param module the library and, for a module that does not name itself, its profile
     * @param pin where the PIN comes from at each login
     * @param keys who makes tenants' keys
     */
    public record Token(Pkcs11Module module, String label, PinSource pin, KeyOrigin keys)
            implements Custody {
        /** A token of a module that names itself, with its PIN in a file of mode 0600. */
        public Token(Path library, String label, Path pinFile) {
            this(Pkcs11Module.at(library), label, PinSource.file(pinFile), KeyOrigin.VAULT);
        }
    }

    /**
     * A key store file, level SOFTWARE.
     *
     * @param passwordFile where the password is, if in a file; {@code vault init} makes a missing
     *     one
     */
    public record KeyStore(Path file, PinSource password, Optional<Path> passwordFile)
            implements Custody {
        private static final String FILE = "keys.bcfks";
        private static final String PASSWORD_FILE = "keys.password";

        /** A key store with its password in a file of mode 0600. */
        public KeyStore(Path file, Path passwordFile) {
            this(file, PinSource.file(passwordFile), Optional.of(passwordFile));
        }

        /** Both files in one folder: that stops nobody who can copy the folder. */
        public static KeyStore in(Path dataDir) {
            return new KeyStore(dataDir.resolve(FILE), dataDir.resolve(PASSWORD_FILE));
        }
    }

    /** Where to listen; port 0 takes any free one. */
    public record Listener(String host, int port) {
        /** Any free port of the loopback interface. */
        public static final Listener LOOPBACK = new Listener("127.0.0.1", 0);
    }

    /**
     * What callers may use.
     *
     * @param objectBytes largest sealed file
     * @param tenantBytes sealed bytes of one tenant, unfinished versions included
     * @param unfinishedVersions of one tenant at a time
     * @param unfinishedAge after which a version that was not committed is collected
     * @param lease how long a lease lasts at most
     * @param leaseInferences how many inferences a lease allows
     * @param rotationBatch records that a rotation moves at a time, under one audit record; one
     *     with a share of the token moves at most 64
     * @param destroyAfter how long a key-encryption key stays retired before it may be destroyed
     * @param backups copies of the database that are kept
     */
    public record Limits(
            long objectBytes,
            long tenantBytes,
            int unfinishedVersions,
            Duration unfinishedAge,
            Duration lease,
            long leaseInferences,
            int rotationBatch,
            Duration destroyAfter,
            int backups) {
        /** An audit record that names more versions would be too long. */
        public static final int MAX_ROTATION_BATCH = 256;

        public static final Limits DEFAULT =
                new Limits(
                        64L << 30,
                        1L << 40,
                        16,
                        Duration.ofHours(24),
                        Duration.ofHours(24),
                        1_000_000,
                        MAX_ROTATION_BATCH,
                        Duration.ofDays(7),
                        7);
    }

    /** A configuration with defaults for all but the folder and what keeps the keys. */
    public static VaultConfig of(Path dataDir, Custody custody) {
        return new VaultConfig(
                dataDir,
                custody,
                Listener.LOOPBACK,
                Listener.LOOPBACK,
                List.of(),
                Limits.DEFAULT,
                Optional.empty(),
                List.of());
    }
}

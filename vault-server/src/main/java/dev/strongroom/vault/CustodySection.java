package dev.strongroom.vault;

import dev.strongroom.config.Section;
import dev.strongroom.vault.VaultConfig.Custody;
import dev.strongroom.vault.VaultConfig.KeyStore;
import java.nio.file.Path;
import java.util.Optional;

/** Reads what keeps the vault's keys: a token, or a key store if no token is named. */
final class CustodySection {
    private static final String KEY_STORE = "keyStore";
    private static final String FILE = "file";
    private static final SecretKeys PASSWORD = new SecretKeys("password");

    private CustodySection() {}

    static Custody read(Section root, Path dataDir) {
        if (TokenSection.isIn(root)) {
            if (root.has(KEY_STORE)) {
                root.fault(KEY_STORE, "expected either a token or a key store");
            }
            return TokenSection.read(root);
        }
        Section section =
                root.section(
                        KEY_STORE,
                        FILE,
                        PASSWORD.file(),
                        PASSWORD.credential(),
                        PASSWORD.command());
        return keyStore(section, KeyStore.in(dataDir));
    }

    private static KeyStore keyStore(Section section, KeyStore or) {
        Path file = section.path(FILE, or.file());
        if (!PASSWORD.areIn(section)) {
            return new KeyStore(file, or.password(), or.passwordFile());
        }
        Optional<Path> passwordFile =
                section.has(PASSWORD.file())
                        ? Optional.of(section.path(PASSWORD.file()))
                        : Optional.empty();
        return new KeyStore(file, PASSWORD.source(section), passwordFile);
    }
}

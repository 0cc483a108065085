package dev.strongroom.vault;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.bcfks.BcfksConfig;
import dev.strongroom.crypto.custody.bcfks.BcfksCustodian;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Config;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Custodian;
import dev.strongroom.vault.VaultConfig.KeyStore;
import dev.strongroom.vault.VaultConfig.Token;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.Meta;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;

/** Opens what the configuration says keeps the keys, and says its trouble in exit codes. */
final class Custodians {
    private Custodians() {}

    /** Makes the vault's own keys in an empty token or a new key store. */
    static KeyCustodian initialise(VaultConfig config, SecureRandom random)
            throws CustodyException, IOException {
        return switch (config.custody()) {
            case Token token -> Pkcs11Custodian.initialise(of(token));
            case KeyStore store -> {
                if (store.passwordFile().isPresent()) {
                    PasswordFile.makeIfMissing(store.passwordFile().get(), random);
                }
                yield BcfksCustodian.initialise(of(store), random);
            }
        };
    }

    /** Opens what the data folder was made with. */
    static KeyCustodian open(
            VaultConfig config, Database database, InstantSource clock, SecureRandom random)
            throws CustodyException, StartupException {
        requireKind(config.custody(), DataFolder.require(database, Meta.CUSTODY));
        String serial = DataFolder.require(database, Meta.TOKEN_SERIAL);
        return switch (config.custody()) {
            case Token token -> Pkcs11Custodian.open(of(token), serial, clock);
            case KeyStore store -> BcfksCustodian.open(of(store), serial, random);
        };
    }

    /** The kind as a data folder remembers it. */
    static String kind(VaultConfig.Custody custody) {
        return switch (custody) {
            case Token _ -> "token";
            case KeyStore _ -> "key store";
        };
    }

    private static void requireKind(VaultConfig.Custody configured, String madeWith)
            throws StartupException {
        if (!kind(configured).equals(madeWith)) {
            throw new StartupException(
                    Exit.INTEGRITY,
                    "this vault was made with a "
                            + madeWith
                            + " and is configured with a "
                            + kind(configured)
                            + ": its keys are in the "
                            + madeWith
                            + " and do not move; configure that one");
        }
    }

    static Pkcs11Config of(Token token) {
        return new Pkcs11Config(token.module(), token.label(), token.pin(), token.keys());
    }

    static BcfksConfig of(KeyStore store) {
        return new BcfksConfig(store.file(), store.password());
    }

    static StartupException trouble(VaultConfig config, CustodyException e) {
        Exit exit =
                switch (e.reason()) {
                    case TOKEN_NOT_FOUND, MODULE_NOT_USABLE -> Exit.TOKEN_NOT_FOUND;
                    case PIN_INCORRECT, PIN_LOCKED, PIN_NOT_USABLE, STORE_NOT_USABLE -> Exit.DENIED;
                    case TOKEN_CHANGED,
                            TOKEN_DUPLICATE,
                            KEY_NOT_FOUND,
                            KEY_DUPLICATE,
                            KEY_ATTRIBUTES,
                            RECORD_NOT_AUTHENTIC ->
                            Exit.INTEGRITY;
                    default -> Exit.OTHER;
                };
        return new StartupException(exit, kind(config.custody()) + ": " + e.getMessage(), e);
    }
}

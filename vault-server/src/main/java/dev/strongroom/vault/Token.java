package dev.strongroom.vault;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Config;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;

/** Says token trouble at start in words and exit codes. */
final class Token {
    private Token() {}

    static Pkcs11Config config(VaultConfig.Token token) {
        return new Pkcs11Config(token.module(), token.label(), token.pin());
    }

    static StartupException trouble(CustodyException e) {
        Exit exit =
                switch (e.reason()) {
                    case TOKEN_NOT_FOUND, MODULE_NOT_USABLE -> Exit.TOKEN_NOT_FOUND;
                    case PIN_INCORRECT, PIN_LOCKED, PIN_NOT_USABLE -> Exit.DENIED;
                    case TOKEN_CHANGED,
                            TOKEN_DUPLICATE,
                            KEY_NOT_FOUND,
                            KEY_DUPLICATE,
                            KEY_ATTRIBUTES,
                            RECORD_NOT_AUTHENTIC ->
                            Exit.INTEGRITY;
                    default -> Exit.OTHER;
                };
        return new StartupException(exit, "token: " + e.getMessage(), e);
    }
}

package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CapabilityReport;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.Guarantee;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.PinSource;

/**
 * Begins with a token, at the start and after each loss: one login, the self-test, and every key
 * found and verified anew. Whatever fails, nothing stays open.
 */
final class TokenLogin {
    private final Pkcs11Config config;
    private final Cryptoki cryptoki;
    private final ModuleProfile profile;
    private final TokenKeys keys;

    TokenLogin(Pkcs11Config config, Cryptoki cryptoki, ModuleProfile profile, TokenKeys keys) {
        this.config = config;
        this.cryptoki = cryptoki;
        this.profile = profile;
        this.keys = keys;
    }

    /**
     * Into this token.
     *
     * @param preparation done before anything is looked for
     */
    Connection into(ModuleFacts.TokenInfo token, SessionLeases.SessionTask preparation)
            throws CustodyException {
        PinSource pin = profile.pinForm().checked(config.pin());
        var sessions = SessionLeases.login(cryptoki, token.slot(), pin);
        try {
            CapabilityReport capabilities = new SelfTest(cryptoki, profile, sessions).run();
            requireFor(config.keys(), capabilities);
            sessions.run("prepare the token", preparation);
            keys.forget();
            sessions.run("find the vault's keys", keys::requireEveryVaultKey);
            var signers = new SunSigners(config.module().library(), token.slot());
            return new Connection(sessions, signers, capabilities);
        } catch (CustodyException | RuntimeException e) {
            sessions.close();
            throw e;
        }
    }

    private static void requireFor(KeyOrigin origin, CapabilityReport capabilities)
            throws CustodyException {
        if (origin == KeyOrigin.VAULT) {
            return;
        }
        for (Guarantee guarantee : Guarantee.CEREMONY) {
            if (!capabilities.held().contains(guarantee)) {
                throw new CustodyException(
                        Reason.SELF_TEST_FAILED,
                        "the module cannot hold keys made at a ceremony, since this does not hold: "
                                + guarantee.claim());
            }
        }
    }

    /** Into the token with this label and serial number, if it still has these signing keys. */
    Connection again(ModuleFacts.TokenInfo token, Connection before) throws CustodyException {
        var found = TokenChoice.bySerial(cryptoki, token.label(), token.serial());
        Connection connection = into(found, _ -> {});
        try {
            connection.signers().requireSameKeys(before.signers());
            requireSame(before.capabilities(), connection.capabilities());
            return connection;
        } catch (CustodyException e) {
            connection.close();
            throw e;
        }
    }

    private static void requireSame(CapabilityReport before, CapabilityReport now)
            throws CustodyException {
        if (!now.equals(before)) {
            throw new CustodyException(
                    Reason.SELF_TEST_FAILED,
                    "the module held " + before.held() + " at the start and now " + now.held());
        }
    }
}

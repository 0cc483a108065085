package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CapabilityReport;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.PinSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a PKCS#11 module says of itself before anybody logs in: for a check-up.
 *
 * @param module name and version, for example {@code SoftHSM 2.6}
 * @param level what keys in it can be trusted for
 * @param tokens every initialised token
 */
public record ModuleReport(String module, TrustLevel level, List<Token> tokens) {
    /**
     * A token.
     *
     * @param mechanisms how many it offers
     * @param missing those that a vault needs and it does not offer, by name
     */
    public record Token(String label, String serial, int mechanisms, List<String> missing) {
        public Token {
            missing = List.copyOf(missing);
        }
    }

    public ModuleReport {
        tokens = List.copyOf(tokens);
    }

    /**
     * Loads the module, which stays loaded in this process, and asks it. Needs no PIN.
     *
     * @throws CustodyException MODULE_NOT_USABLE, TOKEN_FAILED
     */
    public static ModuleReport of(Pkcs11Module module) throws CustodyException {
        Cryptoki cryptoki = Cryptoki.load(module);
        try {
            ModuleFacts.ModuleInfo info = cryptoki.facts().info();
            ModuleProfile profile = ModuleProfiles.choose(info, module);
            List<Token> tokens = new ArrayList<>();
            for (ModuleFacts.TokenInfo token : cryptoki.facts().tokens()) {
                Set<Long> offered = cryptoki.facts().mechanisms(token.slot()).keySet();
                tokens.add(
                        new Token(
                                token.label(),
                                token.serial(),
                                offered.size(),
                                profile.missing(offered)));
            }
            return new ModuleReport(info.name(), profile.level(), tokens);
        } catch (Pkcs11Exception e) {
            throw TokenFailures.of("ask the module", e);
        }
    }

    /** What is behind the PIN. */
    public record Inside(CapabilityReport capabilities, List<TokenObject> objects) {
        public Inside {
            objects = List.copyOf(objects);
        }
    }

    /**
     * Logs in to the token, with exactly one attempt, has the module prove what its profile claims,
     * and lists what is in it. Needs no vault's keys in it and leaves none.
     *
     * @throws CustodyException SELF_TEST_FAILED, PIN_INCORRECT, PIN_NOT_USABLE, TOKEN_NOT_FOUND,
     *     TOKEN_DUPLICATE, MODULE_NOT_USABLE, TOKEN_FAILED
     */
    public static Inside inside(Pkcs11Config config) throws CustodyException {
        Cryptoki cryptoki = Cryptoki.load(config.module());
        var token = TokenChoice.byLabel(cryptoki, config.tokenLabel());
        ModuleProfile profile = profile(cryptoki, config.module());
        PinSource pin = profile.pinForm().checked(config.pin());
        SessionLeases sessions = SessionLeases.login(cryptoki, token.slot(), pin);
        try {
            CapabilityReport capabilities = new SelfTest(cryptoki, profile, sessions).run();
            return new Inside(
                    capabilities,
                    sessions.use(
                            "list the token's objects",
                            session -> new ObjectInventory(cryptoki, profile, session).list()));
        } finally {
            sessions.close();
        }
    }

    private static ModuleProfile profile(Cryptoki cryptoki, Pkcs11Module module)
            throws CustodyException {
        try {
            return ModuleProfiles.choose(cryptoki.facts().info(), module);
        } catch (Pkcs11Exception e) {
            throw TokenFailures.of("ask the module", e);
        }
    }
}

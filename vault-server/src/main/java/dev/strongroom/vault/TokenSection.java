package dev.strongroom.vault;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.config.Section;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Module;
import dev.strongroom.crypto.custody.pkcs11.ProfileName;
import dev.strongroom.vault.VaultConfig.Token;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Reads the section that says which token holds the vault's keys. */
final class TokenSection {
    private static final String NAME = "token";
    private static final SecretKeys PIN = new SecretKeys("pin");

    private TokenSection() {}

    static boolean isIn(Section root) {
        return root.has(NAME);
    }

    static Token read(Section root) {
        Section token =
                root.section(
                        NAME,
                        "module",
                        "label",
                        "profile",
                        "level",
                        "parameters",
                        "keys",
                        PIN.file(),
                        PIN.credential(),
                        PIN.command());
        return new Token(module(token), token.text("label"), PIN.source(token), keys(token));
    }

    private static Pkcs11Module module(Section token) {
        Path library = token.path("module");
        Optional<ProfileName> profile =
                token.has("profile")
                        ? Optional.of(
                                token.parsed(
                                        "profile",
                                        "softhsm2, nss, cloudhsm or generic",
                                        TokenSection::profile,
                                        ProfileName.GENERIC))
                        : Optional.empty();
        return new Pkcs11Module(
                library,
                profile,
                level(token),
                token.has("parameters") ? Optional.of(token.text("parameters")) : Optional.empty());
    }

    private static ProfileName profile(String name) {
        return ProfileName.valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** All that an operator can vouch for; a ceremony makes more, and less needs no word of his. */
    private static Optional<TrustLevel> level(Section token) {
        if (!token.has("level")) {
            return Optional.empty();
        }
        token.matching("level", "hsm", "hsm, for a generic module that is one");
        return Optional.of(TrustLevel.HSM);
    }

    private static KeyOrigin keys(Section token) {
        return token.has("keys")
                ? token.parsed(
                        "keys",
                        "vault or ceremony",
                        name -> KeyOrigin.valueOf(name.toUpperCase(Locale.ROOT)),
                        KeyOrigin.VAULT)
                : KeyOrigin.VAULT;
    }
}

package dev.strongroom.vault;

import dev.strongroom.config.Section;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Module;
import dev.strongroom.crypto.custody.pkcs11.ProfileName;
import dev.strongroom.crypto.format.TrustLevel;
import dev.strongroom.vault.VaultConfig.Token;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the section that says which token holds the vault's keys. */
final class TokenSection {
    private static final String PIN_FILE = "pinFile";
    private static final String PIN_CREDENTIAL = "pinCredential";
    private static final String PIN_COMMAND = "pinCommand";
    private static final PinSource NONE = PinSource.file(Path.of("")); // after a fault

    private TokenSection() {}

    static Token read(Section root) {
        Section token =
                root.section(
                        "token",
                        "module",
                        "label",
                        "profile",
                        "level",
                        "parameters",
                        PIN_FILE,
                        PIN_CREDENTIAL,
                        PIN_COMMAND);
        if (token.isEmpty()) {
            root.fault("token", "missing; expected module, label and pinFile");
            return new Token(Path.of(""), "", Path.of(""));
        }
        return new Token(module(token), token.text("label"), pin(token));
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

    /** Exactly one source: with two it would be unclear which PIN is tried. */
    private static PinSource pin(Section token) {
        List<String> given =
                List.of(PIN_FILE, PIN_CREDENTIAL, PIN_COMMAND).stream().filter(token::has).toList();
        if (given.size() > 1) {
            token.fault(given.get(1), "expected one of " + given + " alone");
            return NONE;
        }
        return switch (given.isEmpty() ? PIN_FILE : given.getFirst()) {
            case PIN_CREDENTIAL ->
                    token.parsed(PIN_CREDENTIAL, "a name", PinSource::credential, NONE);
            case PIN_COMMAND -> command(token);
            default -> PinSource.file(token.path(PIN_FILE));
        };
    }

    private static PinSource command(Section token) {
        try {
            return PinSource.command(
                    token.texts(PIN_COMMAND, "[^\\u0000]+", "a program and its arguments"));
        } catch (IllegalArgumentException e) {
            token.fault(PIN_COMMAND, "expected the absolute path of a program, then its arguments");
            return NONE;
        }
    }
}

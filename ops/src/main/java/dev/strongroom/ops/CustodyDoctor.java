package dev.strongroom.ops;

import dev.strongroom.crypto.custody.CapabilityReport;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.Guarantee;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.bcfks.KeyStoreReport;
import dev.strongroom.crypto.custody.pkcs11.ModuleReport;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Config;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Module;
import dev.strongroom.crypto.custody.pkcs11.TokenObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** Examines what keeps a vault's keys. Uses a PIN only where it is given one, and then once. */
final class CustodyDoctor {
    private CustodyDoctor() {}

    static Checkup module(Pkcs11Module module) {
        try {
            ModuleReport report = ModuleReport.of(module);
            String what = "token module " + report.module() + ", level " + report.level();
            return report.tokens().isEmpty()
                    ? Checkup.warn(
                            "custody",
                            what + ", no initialised token",
                            "softhsm2-util --init-token, or check SOFTHSM2_CONF")
                    : Checkup.ok("custody", what + ", tokens " + labels(report));
        } catch (CustodyException e) {
            return Checkup.fail(
                    "custody",
                    "token module " + module.library() + " cannot be used: " + e.getMessage(),
                    "install one, for example apt-get install softhsm2, and name its"
                            + " libsofthsm2.so");
        }
    }

    private static List<String> labels(ModuleReport report) {
        return report.tokens().stream()
                .map(token ->
                        "%s (%s, %d mechanisms%s)"
                                .formatted(
                                        token.label(),
                                        token.serial(),
                                        token.mechanisms(),
                                        lacking(token)))
                .toList();
    }

    private static String lacking(ModuleReport.Token token) {
        return token.missing().isEmpty() ? "" : ", lacks " + token.missing();
    }

    /** Logs in: what the module proves, then each object in the token. */
    static List<Checkup> inside(Pkcs11Module module, String token, PinSource pin) {
        var config = new Pkcs11Config(module, token, pin, KeyOrigin.VAULT);
        try {
            ModuleReport.Inside inside = ModuleReport.inside(config);
            var checkups = new ArrayList<Checkup>();
            checkups.add(mechanisms(inside.capabilities()));
            inside.objects().forEach(object -> checkups.add(object(object)));
            return checkups;
        } catch (CustodyException e) {
            return List.of(
                    Checkup.fail(
                            "mechanisms",
                            String.valueOf(e.getMessage()),
                            "check module, label and PIN"));
        }
    }

    private static Checkup object(TokenObject object) {
        String what =
                "%s \"%s\", id %s, %s"
                        .formatted(
                                object.kind(),
                                object.label(),
                                object.id().isEmpty() ? "none" : object.id(),
                                String.join(" ", object.flags()));
        return switch (object.standing()) {
            case AS_MADE -> Checkup.ok("token object", object.role() + ": " + what);
            case NOT_AS_MADE ->
                    Checkup.fail(
                            "token object",
                            "named like " + object.role() + " and not one: " + what,
                            "find out who made it; no vault uses it, and it may keep one from"
                                    + " starting");
            case UNKNOWN ->
                    Checkup.warn(
                            "token object",
                            "of nobody that is known here: " + what,
                            "find out whose it is: who has the PIN can use it");
        };
    }

    private static Checkup mechanisms(CapabilityReport report) {
        var lacking = EnumSet.allOf(Guarantee.class);
        lacking.removeAll(report.held());
        return Checkup.ok(
                "mechanisms",
                "profile %s: wraps %s, OAEP %s; not enforced on a PIN holder: %s"
                        .formatted(
                                report.profile(),
                                report.wrapFormats(),
                                report.oaepHashes(),
                                lacking));
    }

    static Checkup keyStore(Path file) {
        try {
            KeyStoreReport report = KeyStoreReport.of(file);
            return Checkup.warn(
                    "custody",
                    "key store file, %s, level %s, %d bytes"
                            .formatted(report.format(), report.level(), report.bytes()),
                    "for keys out of this host's reach, make a vault with a token");
        } catch (CustodyException e) {
            return Checkup.fail(
                    "custody", String.valueOf(e.getMessage()), "check path, owner and backup");
        }
    }

    /** Unlocks it. */
    static Checkup content(Path file, PinSource password) {
        try {
            KeyStoreReport.Content content = KeyStoreReport.unlock(file, password);
            return Checkup.ok("store", content.serial() + ", " + content.entries() + " entries");
        } catch (CustodyException e) {
            return Checkup.fail(
                    "store", String.valueOf(e.getMessage()), "check the password's source");
        }
    }
}

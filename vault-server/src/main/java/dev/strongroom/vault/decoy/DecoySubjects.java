package dev.strongroom.vault.decoy;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What decoys are made of: ordinary things of the vault, by the names that operators give.
 *
 * <p>Thread-safe.
 */
final class DecoySubjects {
    private static final Pattern VERSION = Pattern.compile("(.{3,127}):([1-9][0-9]{0,17})");
    private static final Pattern METHOD =
            Pattern.compile("[A-Za-z][A-Za-z0-9_.]{0,99}/[A-Za-z][A-Za-z0-9_]{0,99}");

    private final Database database;
    private final AuditLog log;

    DecoySubjects(Database database, AuditLog log) {
        this.database = database;
        this.log = log;
    }

    /**
     * By what a call that touches it is known.
     *
     * @throws RefusedException VERSION_NOT_FOUND, IDENTITY_NOT_FOUND for what is not there;
     *     REQUEST_MALFORMED
     */
    String mark(DecoyKind kind, String subject) throws RefusedException {
        return switch (kind) {
            case MODEL -> model(subject).toString();
            case KEY -> versionId(subject);
            case CREDENTIAL -> identity(subject);
            case METHOD -> method(subject);
        };
    }

    private ModelName model(String subject) throws RefusedException {
        ModelName model = parsed(subject);
        requireCommitted(log.views().committed().has(model), "version of " + model);
        return model;
    }

    /** {@code tenant/name:NUMBER}. */
    record Version(ModelName model, long number) {}

    static Version version(String subject) throws RefusedException {
        Matcher parts = VERSION.matcher(subject);
        if (!parts.matches()) {
            throw malformed("key: expected tenant/name:NUMBER");
        }
        return new Version(parsed(parts.group(1)), Long.parseLong(parts.group(2)));
    }

    private String versionId(String subject) throws RefusedException {
        Version version = version(subject);
        ModelName model = version.model();
        long number = version.number();
        requireCommitted(
                log.views().committed().has(model, number), "version " + number + " of " + model);
        return database.read(handle -> VersionTable.findCommitted(handle, model, number))
                .orElseThrow(() ->
                        new RefusedException(Reason.VERSION_NOT_FOUND, "no version " + subject))
                .id()
                .hex();
    }

    private String identity(String subject) throws RefusedException {
        if (log.views().issuedKeys().active(subject) == 0) {
            throw new RefusedException(
                    Reason.IDENTITY_NOT_FOUND,
                    "no certificate of "
                            + subject
                            + " counts; make one: strongroom identity create");
        }
        return subject;
    }

    private static String method(String subject) throws RefusedException {
        if (!METHOD.matcher(subject).matches()) {
            throw malformed("method: expected package.Service/Method");
        }
        return subject;
    }

    static ModelName parsed(String name) throws RefusedException {
        try {
            return ModelName.parse(name);
        } catch (IllegalArgumentException e) {
            throw malformed("model: expected tenant/name, each 1 to 63 of a-z, 0-9 and -");
        }
    }

    private static void requireCommitted(boolean known, String what) throws RefusedException {
        if (!known) {
            throw new RefusedException(
                    Reason.VERSION_NOT_FOUND,
                    "no " + what + " was ever committed; a decoy looks like any other: push one");
        }
    }

    private static RefusedException malformed(String what) {
        return new RefusedException(Reason.REQUEST_MALFORMED, what);
    }
}

package dev.strongroom.vault.rpc;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.store.DiskFull;
import java.io.IOException;
import java.util.Map;

/** What the caller learns of an error: everything that is not meant for it becomes INTERNAL. */
final class Refusals {
    private static final String DISK_FULL =
            "the vault's disk is full; nothing was changed: free space in its data folder, then run"
                    + " the same command again";

    private Refusals() {}

    static RefusedException of(Throwable error) {
        return switch (error) {
            case RefusedException refused -> refused;
            case CustodyException custody -> ofToken(custody);
            case SealedFormatException format ->
                    new RefusedException(
                            Reason.MANIFEST_MALFORMED, "not well-formed: " + format.getMessage());
            case IOException io when DiskFull.isCauseOf(io) ->
                    new RefusedException(Reason.DISK_FULL, DISK_FULL, io);
            case RuntimeException runtime when DiskFull.isCauseOf(runtime) ->
                    new RefusedException(Reason.DISK_FULL, DISK_FULL, runtime);
            default ->
                    new RefusedException(
                            Reason.INTERNAL,
                            "internal error; the vault's log has it under this reference",
                            error);
        };
    }

    private static RefusedException down(CustodyException error) {
        var reason =
                error.getCause() instanceof CustodyException why ? why.reason() : error.reason();
        return new RefusedException(
                Reason.TOKEN_UNAVAILABLE,
                "the token was lost and is not back ("
                        + reason
                        + "); nothing was done: once its cause is put right, try again",
                Map.of("token", reason.name()),
                error);
    }

    private static RefusedException ofToken(CustodyException error) {
        return switch (error.reason()) {
            case IMPORT_REFUSED ->
                    new RefusedException(
                            Reason.IMPORT_REFUSED, "the import was refused; push again", error);
            case RECORD_NOT_AUTHENTIC ->
                    new RefusedException(
                            Reason.RECORD_NOT_AUTHENTIC,
                            "the stored key record was changed outside the vault; restore the"
                                    + " database from a backup",
                            error);
            case TOKEN_CHANGED, KEY_NOT_FOUND, KEY_DUPLICATE, KEY_ATTRIBUTES ->
                    new RefusedException(
                            Reason.TOKEN_CHANGED,
                            "the token does not hold the keys that the catalogue names; restore"
                                    + " the token, no key is made in its place",
                            error);
            case RELEASE_NOT_BOUND, RELEASE_KEY_REFUSED ->
                    new RefusedException(
                            Reason.RELEASE_REFUSED, "the token refused the release", error);
            case RECIPIENT_NOT_REGISTERED ->
                    new RefusedException(
                            Reason.RELEASE_REFUSED, String.valueOf(error.getMessage()), error);
            case CEREMONY_MISSING ->
                    new RefusedException(
                            Reason.CEREMONY_MISSING, String.valueOf(error.getMessage()), error);
            case KEY_PROTECTED ->
                    new RefusedException(
                            Reason.KEK_PROTECTED, String.valueOf(error.getMessage()), error);
            case TOKEN_DOWN -> down(error);
            case TOKEN_NOT_FOUND,
                    TOKEN_DUPLICATE,
                    TOKEN_BUSY,
                    TOKEN_FAILED,
                    PIN_NOT_USABLE,
                    PIN_INCORRECT,
                    PIN_LOCKED,
                    MODULE_NOT_USABLE,
                    STORE_NOT_USABLE,
                    SELF_TEST_FAILED ->
                    new RefusedException(
                            Reason.TOKEN_UNAVAILABLE,
                            "the token does not answer; check it with: strongroom doctor",
                            error);
            case KEY_EXISTS, KEK_RETIRED, KEK_ACTIVE ->
                    new RefusedException(
                            Reason.INTERNAL,
                            "internal error; the vault's log has it under this reference",
                            error);
        };
    }
}

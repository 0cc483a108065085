package dev.strongroom.vault.fault;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The places at which a test may stop the process as a power cut would: {@code
 * -Dstrongroom.fault=NAME} halts at the first pass, {@code NAME:n} at the n-th; {@code
 * -Dstrongroom.fault.folder=DIR} halts at a point of whose name there is a file in that folder.
 * Without the properties a pass costs two comparisons.
 */
public enum FaultPoint {
    /** Some of an object's bytes are in its partial file. */
    UPLOAD_CHUNK_WRITTEN,
    /** An object is complete and durable; no row says so. */
    OBJECT_DURABLE,
    /** The commit is in the audit log; the version is not visible. */
    COMMIT_AUDITED,
    /** Inside the transaction that makes a version visible. */
    COMMIT_IN_TRANSACTION,
    /** The tenant's creation is in the audit log; its keys are not in the token. */
    TENANT_AUDITED,
    /** The next import key is announced in the audit log; the token does not have it. */
    IMPORT_KEY_AUDITED,
    /** The token has the new key-encryption key; the catalogue does not say so. */
    KEK_CREATED,
    /** The token has re-wrapped a batch; nothing of it is written. */
    BATCH_MADE,
    /** Inside the transaction that replaces a batch of records and writes the leaf about it. */
    BATCH_IN_TRANSACTION,
    /** A batch and its leaf are on disk. */
    BATCH_DURABLE,
    /** Nothing is left under the old key; it is not retired. */
    BEFORE_RETIRE,
    /** The token says that the old key is retired; the catalogue does not. */
    RETIRED_IN_TOKEN,
    /** The destruction of a key is in the audit log; the token has the key. */
    DESTRUCTION_AUDITED,
    /** The token has destroyed a key; the catalogue does not say so. */
    DESTROYED_IN_TOKEN,
    /** The token has the next version of one of the vault's own keys; the old one is in force. */
    OWN_KEY_MADE,
    /** The next version is in force; no head of the log is signed since. */
    OWN_KEY_AUDITED,
    /** The log says that an old version of one of the vault's own keys ended; the token has it. */
    OWN_KEY_RETIREMENT_AUDITED,
    /** A release is in the audit log; the node has no answer. */
    RELEASE_AUDITED,
    /** The new seal's key is wrapped and countersigned; the old seal is in force. */
    RESEAL_IMPORTED,
    /** Inside the transaction that replaces a seal. */
    RESEAL_IN_TRANSACTION,
    /** The new seal is in force; the objects of the old one are there, and nobody has an answer. */
    RESEAL_SWAPPED;

    /** What {@code Runtime.halt} reports: the code of a process killed by SIGKILL. */
    public static final int HALT_CODE = 137;

    private static final Optional<Armed> ARMED =
            Armed.parse(System.getProperty("strongroom.fault"));
    private static final Optional<Path> FOLDER =
            Optional.ofNullable(System.getProperty("strongroom.fault.folder")).map(Path::of);

    /** Halts the process when this point is armed and its pass has come. */
    public void reached() {
        boolean due = ARMED.isPresent() && ARMED.get().due(this);
        if (due || (FOLDER.isPresent() && Files.exists(FOLDER.get().resolve(name())))) {
            Runtime.getRuntime().halt(HALT_CODE);
        }
    }

    private record Armed(FaultPoint point, AtomicInteger passesLeft) {
        static Optional<Armed> parse(@Nullable String property) {
            if (property == null) {
                return Optional.empty();
            }
            String[] parts = property.split(":", 2);
            int pass = parts.length == 2 ? Integer.parseInt(parts[1]) : 1;
            return Optional.of(new Armed(valueOf(parts[0]), new AtomicInteger(pass)));
        }

        boolean due(FaultPoint reached) {
            return point == reached && passesLeft.decrementAndGet() == 0;
        }
    }
}

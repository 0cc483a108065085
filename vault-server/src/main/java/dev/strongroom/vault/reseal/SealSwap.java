package dev.strongroom.vault.reseal;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Countersignature;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.ResealTable;
import dev.strongroom.vault.catalog.ResealTable.Draft;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.publish.Committer;
import dev.strongroom.vault.publish.DataKeyImport;
import dev.strongroom.vault.publish.Versions;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.store.ObjectStore;
import dev.strongroom.vault.store.SealedObject;
import java.io.IOException;
import java.security.SignatureException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Puts a complete new seal in force. Manifest, files, key record, countersignature and the audit
 * record that says so change in one transaction: before it the old seal is whole, after it the new
 * one, and the old data key is in no row any more.
 *
 * <p>Thread-safe.
 */
public final class SealSwap {
    /**
     * What is in force now.
     *
     * @param leaf of the record that says so
     */
    public record Swapped(long number, int kekVersion, TrustLevel level, long leaf) {}

    private static final int ATTEMPTS = 3; // a rotation may retire the key between two steps

    private final Database database;
    private final ObjectStore store;
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final Versions versions;
    private final ResealRules rules;
    private final DataKeyImport imports;
    private final OwnKeys ownKeys;
    private final Digest attestationRoot;
    private final InstantSource clock;

    /**
     * @param ownKeys countersign
     */
    public SealSwap(
            Database database,
            ObjectStore store,
            AuditLog log,
            KeyCustodian custodian,
            Versions versions,
            ResealRules rules,
            DataKeyImport imports,
            OwnKeys ownKeys,
            Digest attestationRoot,
            InstantSource clock) {
        this.database = database;
        this.store = store;
        this.log = log;
        this.custodian = custodian;
        this.versions = versions;
        this.rules = rules;
        this.imports = imports;
        this.ownKeys = ownKeys;
        this.attestationRoot = attestationRoot;
        this.clock = clock;
    }

    /**
     * Swaps; asked again with the same digest, it answers the same.
     *
     * @param digest of the new manifest
     * @param importCiphertext the new data key, wrapped to the tenant's import key; never stored
     * @throws RefusedException IMPORT_REFUSED for every fault of the ciphertext alike,
     *     UPLOAD_INCOMPLETE, RESEAL_NOT_FOUND, RESEAL_REFUSED
     */
    public Swapped commit(
            Principal caller,
            ModelName model,
            VersionId version,
            Digest digest,
            byte[] importCiphertext)
            throws RefusedException, CustodyException, IOException {
        Version stored = versions.require(model, version);
        if (log.views().seals().newest(version).filter(digest::equals).isPresent()) {
            return answer(stored);
        }
        VerifiedManifest next = ResealDesk.draft(versions, database, model, version);
        if (!next.digest().equals(digest)) {
            throw ResealDesk.noDraft(version);
        }
        imports.check(model.tenant());
        requireComplete(next);
        imports.requireDeclared(caller, next, importCiphertext);
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            if (trySwap(caller, stored, next, importCiphertext, attempt)) {
                return answer(versions.require(model, version));
            }
        }
        throw new RefusedException(
                Reason.ROTATION_BUSY,
                "the tenant's key-encryption key was replaced again and again; try again later");
    }

    private void requireComplete(VerifiedManifest next) throws RefusedException {
        for (SealedObject object : Versions.objectsOf(next)) {
            if (!store.isComplete(object)) {
                throw new RefusedException(
                        Reason.UPLOAD_INCOMPLETE,
                        "file " + object.fileIndex() + " is not complete");
            }
        }
    }

    /** False when the key-encryption key was retired meanwhile: the next attempt takes its heir. */
    private boolean trySwap(
            Principal caller,
            Version stored,
            VerifiedManifest next,
            byte[] importCiphertext,
            int attempt)
            throws RefusedException, CustodyException, IOException {
        int kek =
                database.<Integer, RuntimeException>read(
                        handle -> Committer.activeKek(handle, stored.model().tenant()));
        WrappedKey.AtRest wrapped;
        try {
            wrapped = imports.run(caller, next, importCiphertext, kek);
        } catch (CustodyException e) {
            if (e.reason() == CustodyException.Reason.KEK_RETIRED && attempt < ATTEMPTS) {
                return false;
            }
            throw e;
        }
        Draft draft =
                database.read(handle -> ResealTable.find(handle, stored.id()))
                        .orElseThrow(() -> ResealDesk.noDraft(stored.id()));
        byte[] countersignature = countersign(stored, next, draft);
        FaultPoint.RESEAL_IMPORTED.reached();
        var replaced = new AtomicReference<@Nullable VerifiedManifest>();
        try {
            log.<Objection>append(handle -> {
                replaced.set(
                        rules.check(
                                        handle,
                                        next,
                                        next.sealer().orElseThrow().transcript().policies())
                                .manifest());
                requireStill(handle, next, draft, kek);
                swap(handle, next, draft, countersignature, wrapped);
                FaultPoint.RESEAL_IN_TRANSACTION.reached();
                return resealed(caller, stored, next, draft, wrapped);
            });
        } catch (Objection.KekReplaced e) {
            if (attempt < ATTEMPTS) {
                return false;
            }
            throw refused(caller, next, e);
        } catch (Objection e) {
            throw refused(caller, next, e);
        }
        FaultPoint.RESEAL_SWAPPED.reached();
        log.checkpoint(); // the old seal goes once nobody can cut the new one's leaf off the log
        collect(stored, Objects.requireNonNull(replaced.get()));
        return true;
    }

    /** Nothing that this call looked at before the transaction has changed. */
    private static void requireStill(Handle handle, VerifiedManifest next, Draft draft, int kek)
            throws Objection {
        VersionId version = next.content().versionId();
        boolean same =
                ResealTable.find(handle, version)
                        .filter(now -> now.manifestDigest().equals(next.digest()))
                        .filter(now -> now.auditLeaf() == draft.auditLeaf())
                        .isPresent();
        if (!same) {
            throw new Objection("seal.replaced", "another new seal of this version has begun");
        }
        if (Committer.activeKek(handle, next.content().model().tenant()) != kek) {
            throw new Objection.KekReplaced();
        }
    }

    private void swap(
            Handle handle,
            VerifiedManifest next,
            Draft draft,
            byte[] countersignature,
            WrappedKey.AtRest wrapped) {
        VersionId version = next.content().versionId();
        VersionTable.rememberImport(handle, next.seal().importCiphertextDigest(), version);
        // The log holds its lock while it decides: the next leaf is this transaction's.
        VersionTable.replaceSeal(handle, next, draft.manifest(), countersignature, log.size());
        WrappedKeyTable.delete(handle, version);
        WrappedKeyTable.insert(
                handle, version, wrapped.tenant(), wrapped.kekVersion(), wrapped.encoded());
        ResealTable.delete(handle, version);
    }

    private static Decision resealed(
            Principal caller,
            Version stored,
            VerifiedManifest next,
            Draft draft,
            WrappedKey.AtRest wrapped) {
        return ResealDesk.describe(AuditRecord.VERSION_RESEALED, caller, next)
                .with("number", stored.number())
                .with("import", next.seal().importCiphertextDigest())
                .with("kek", wrapped.kekVersion())
                .with("trust-level", wrapped.level())
                .with("begun", draft.auditLeaf());
    }

    private RefusedException refused(Principal caller, VerifiedManifest next, Objection objection) {
        AuditReceipt receipt =
                log.append(
                        ResealDesk.describe(AuditRecord.RESEAL_REFUSED, caller, next)
                                .with("rule", objection.rule()));
        return new RefusedException(
                Reason.RESEAL_REFUSED,
                "re-seal refused by " + objection.rule() + ": " + objection.getMessage(),
                Map.of("rule", objection.rule(), "audit-leaf", Long.toString(receipt.leafIndex())));
    }

    private byte[] countersign(Version stored, VerifiedManifest next, Draft draft)
            throws RefusedException {
        var statement =
                new Countersignature(
                        stored.model(),
                        stored.id(),
                        stored.number(),
                        next.digest(),
                        attestationRoot,
                        clock.instant(),
                        draft.auditLeaf());
        try {
            return statement.sign(ownKeys.signing()).encode();
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign; nothing is lost: commit again",
                    e);
        }
    }

    /** Ciphertext of the old seal that nothing names any more. */
    private void collect(Version stored, VerifiedManifest old) throws IOException {
        var tenant = stored.model().tenant();
        store.discardUploads(tenant, stored.id());
        for (SealedObject object : Versions.objectsOf(old)) {
            boolean referenced =
                    database.read(handle ->
                            VersionTable.isReferenced(
                                    handle, tenant.value(), object.digest().hex()));
            if (!referenced) {
                store.delete(tenant, object.digest());
            }
        }
    }

    private Swapped answer(Version stored) throws RefusedException, CustodyException {
        byte[] record =
                database.read(handle -> WrappedKeyTable.find(handle, stored.id()))
                        .orElseThrow(() -> Versions.notFound(stored.model(), stored.id()));
        WrappedKey.AtRest key = custodian.authenticate(record);
        return new Swapped(
                stored.number(),
                key.kekVersion(),
                key.level(),
                database.read(handle -> VersionTable.commitOf(handle, stored.id())).auditLeaf());
    }
}

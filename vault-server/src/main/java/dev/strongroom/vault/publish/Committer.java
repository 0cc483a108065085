package dev.strongroom.vault.publish;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Countersignature;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.catalog.VersionTable.State;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.store.ObjectStore;
import dev.strongroom.vault.store.SealedObject;
import java.io.IOException;
import java.security.SignatureException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a complete version visible once its data key is wrapped in the token. The order is fixed:
 * objects are on disk, then the decision is in the audit log, then the row makes the version
 * visible. Stopped anywhere, the same call goes on.
 *
 * <p>Thread-safe.
 */
public final class Committer {
    /** What a committed version is answered with. */
    public record Committed(
            long number,
            Digest manifestDigest,
            byte[] countersignature,
            long auditLeaf,
            int kekVersion,
            TrustLevel level) {}

    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
    private static final int COMMIT_ATTEMPTS = 3; // a rotation may retire the key between two steps

    private final Database database;
    private final ObjectStore store;
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final Versions versions;
    private final OwnKeys ownKeys;
    private final Digest attestationRoot;
    private final DataKeyImport imports;
    private final LoneRecords loneRecords;

    public Committer(
            Database database,
            ObjectStore store,
            AuditLog log,
            KeyCustodian custodian,
            Versions versions,
            OwnKeys ownKeys,
            Digest attestationRoot,
            DataKeyImport imports) {
        this.database = database;
        this.store = store;
        this.log = log;
        this.custodian = custodian;
        this.versions = versions;
        this.ownKeys = ownKeys;
        this.attestationRoot = attestationRoot;
        this.imports = imports;
        this.loneRecords = new LoneRecords(database, custodian);
    }

    /**
     * Makes a complete version visible; asked again, it answers the same.
     *
     * @param importCiphertext the data key, wrapped to the tenant's import key; never stored
     * @param required lowest trust level that the owner accepts
     * @throws RefusedException IMPORT_REFUSED for every fault of the ciphertext alike
     */
    public Committed commit(
            Principal caller,
            ModelName model,
            VersionId version,
            byte[] importCiphertext,
            Optional<TrustLevel> required)
            throws RefusedException, CustodyException, IOException {
        Version stored = versions.require(model, version);
        if (stored.state() == State.COMMITTED) {
            return answer(model, version);
        }
        requireLevel(custodian.info().level(), required);
        imports.check(model.tenant());
        VerifiedManifest manifest = versions.manifestOf(stored);
        requireComplete(manifest);
        database.<RefusedException>change(
                handle -> requireKept(handle, manifest, custodian.info().level()));
        imports.requireDeclared(caller, manifest, importCiphertext);
        for (int attempt = 1; ; attempt++) {
            if (tryCommit(caller, stored, manifest, importCiphertext, required, attempt)) {
                cleanUp(model.tenant(), version);
                return answer(model, version);
            }
        }
    }

    /**
     * The version is committed whatever comes of this, so nobody is told that it failed: the sweep
     * deletes what stays, and rotations are slower until records are gathered.
     */
    private void cleanUp(TenantName tenant, VersionId version) {
        try {
            store.discardUploads(tenant, version);
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("version", version).log("uploads.not-discarded");
        }
        try {
            loneRecords.gather(tenant, activeKek(tenant));
        } catch (CustodyException | RefusedException | RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("tenant", tenant).log("records.not-gathered");
        }
    }

    private static void requireLevel(TrustLevel level, Optional<TrustLevel> required)
            throws RefusedException {
        if (required.isPresent() && !level.isAtLeast(required.get())) {
            throw new RefusedException(
                    Reason.TRUST_LEVEL_TOO_LOW,
                    "the vault's keys are at level "
                            + level
                            + ", the push asks for "
                            + required.get());
        }
    }

    /** What a key of this level would not be released for is not taken in under it either. */
    private void requireKept(Handle handle, VerifiedManifest manifest, TrustLevel level)
            throws RefusedException {
        Optional<String> objection =
                versions.requirePolicies(handle, manifest).releaseRules().objectionTo(level);
        if (objection.isPresent()) {
            throw new RefusedException(
                    Reason.TRUST_LEVEL_TOO_LOW,
                    objection.get()
                            + "; push to a vault with a better token, or set another policy");
        }
    }

    private void requireComplete(VerifiedManifest manifest) throws RefusedException {
        for (SealedObject object : Versions.objectsOf(manifest)) {
            if (!store.isComplete(object)) {
                throw new RefusedException(
                        Reason.UPLOAD_INCOMPLETE,
                        "file "
                                + object.fileIndex()
                                + " is not complete; run the same push again to go on");
            }
        }
    }

    /** False when the key-encryption key was retired meanwhile: the next attempt takes its heir. */
    private boolean tryCommit(
            Principal caller,
            Version stored,
            VerifiedManifest manifest,
            byte[] importCiphertext,
            Optional<TrustLevel> required,
            int attempt)
            throws RefusedException, CustodyException {
        ModelName model = stored.model();
        int kek = activeKek(model.tenant());
        WrappedKey.AtRest wrapped;
        try {
            wrapped = imports.run(caller, manifest, importCiphertext, kek);
        } catch (CustodyException e) {
            if (e.reason() == CustodyException.Reason.KEK_RETIRED && attempt < COMMIT_ATTEMPTS) {
                return false;
            }
            throw e;
        }
        requireLevel(wrapped.level(), required); // this key's own; the vault may have made others
        AuditReceipt receipt =
                log.<RefusedException>append(
                        handle -> decideCommit(handle, caller, manifest, wrapped));
        FaultPoint.COMMIT_AUDITED.reached();
        var commit =
                new VersionTable.Commit(
                        receipt.record().time(), countersign(stored, receipt), receipt.leafIndex());
        return database.<Boolean, RuntimeException>write(handle -> {
            if (isCommitted(handle, stored)) {
                return true; // by the same call, sent twice
            }
            if (activeKek(handle, model.tenant()) != kek) {
                return false;
            }
            VersionTable.commit(handle, stored.id(), commit);
            WrappedKeyTable.insert(handle, stored.id(), model.tenant(), kek, wrapped.encoded());
            FaultPoint.COMMIT_IN_TRANSACTION.reached();
            return true;
        });
    }

    private static boolean isCommitted(Handle handle, Version version) {
        return VersionTable.find(handle, version.model(), version.id())
                .filter(current -> current.state() == State.COMMITTED)
                .isPresent();
    }

    private Decision decideCommit(
            Handle handle, Principal caller, VerifiedManifest manifest, WrappedKey.AtRest wrapped)
            throws RefusedException {
        requireKept(handle, manifest, wrapped.level()); // by what the owner set meanwhile
        VersionId id = wrapped.versionId();
        ModelName model = manifest.content().model();
        Version current =
                VersionTable.find(handle, model, id)
                        .orElseThrow(() -> Versions.notFound(model, id));
        Digest importDigest = manifest.seal().importCiphertextDigest();
        VersionTable.rememberImport(handle, importDigest, id);
        return Decision.of(AuditRecord.VERSION_COMMITTED, caller.uri(), model.tenant().value())
                .with("model", model)
                .with("version-id", id)
                .with("number", VersionTable.number(handle, current))
                .with("manifest", manifest.digest())
                .with("import", importDigest)
                .with("owner", manifest.content().ownerId())
                .with("kek", wrapped.kekVersion())
                .with("trust-level", wrapped.level())
                .with("attestation-root", attestationRoot);
    }

    private byte[] countersign(Version stored, AuditReceipt receipt) throws RefusedException {
        var statement =
                new Countersignature(
                        stored.model(),
                        stored.id(),
                        Long.parseLong(receipt.record().fields().getOrDefault("number", "0")),
                        stored.manifestDigest(),
                        attestationRoot,
                        receipt.record().time(),
                        receipt.leafIndex());
        try {
            return statement.sign(ownKeys.signing()).encode();
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign; nothing is lost: run the same push again",
                    e);
        }
    }

    /** What was countersigned, whatever the row says. */
    private Committed answer(ModelName model, VersionId id)
            throws RefusedException, CustodyException {
        Version stored =
                versions.findCommitted(handle -> VersionTable.find(handle, model, id))
                        .orElseThrow(() -> Versions.notFound(model, id));
        byte[] record =
                database.read(handle -> WrappedKeyTable.find(handle, stored.id()))
                        .orElseThrow(() -> Versions.notFound(stored.model(), stored.id()));
        WrappedKey.AtRest key = custodian.authenticate(record);
        var commit = database.read(handle -> VersionTable.commitOf(handle, stored.id()));
        return new Committed(
                stored.number(),
                stored.manifestDigest(),
                commit.countersignature(),
                commit.auditLeaf(),
                key.kekVersion(),
                key.level());
    }

    private int activeKek(TenantName tenant) throws RefusedException {
        return database.<Integer, RuntimeException>read(handle -> activeKek(handle, tenant));
    }

    /** The version that new records go under. */
    public static int activeKek(Handle handle, TenantName tenant) {
        return KekTable.in(handle, tenant, KekTable.State.ACTIVE)
                .map(KekTable.Kek::version)
                .orElseThrow(() -> new IllegalStateException("tenant without an active key"));
    }
}

package dev.strongroom.vault.publish;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Countersignature;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.TrustLevel;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.VaultConfig.Limits;
import dev.strongroom.vault.access.FailureLimit;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.catalog.VersionTable.State;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.store.ObjectStore;
import dev.strongroom.vault.store.SealedObject;
import dev.strongroom.vault.store.Upload;
import java.io.IOException;
import java.security.SignatureException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Takes a version in: announced by its signed manifest, filled with sealed bytes, and visible only
 * once its data key is wrapped in the token. Every step can be repeated after a crash on either
 * side.
 *
 * <p>The order of a commit is fixed: objects are on disk, then the decision is in the audit log,
 * then the row makes the version visible.
 *
 * <p>Thread-safe.
 */
public final class Publisher {
    /** What a committed version is answered with. */
    public record Committed(
            long number,
            Digest manifestDigest,
            byte[] countersignature,
            long auditLeaf,
            int kekVersion,
            TrustLevel level) {}

    private static final String IMPORT_REFUSED = "import.refused"; // audit record type
    private static final int COMMIT_ATTEMPTS = 3; // a rotation may retire the key between two steps

    private final Database database;
    private final ObjectStore store;
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final StatementSigner signer;
    private final Digest attestationRoot;
    private final Limits limits;
    private final FailureLimit importFailures;
    private final InstantSource clock;

    public Publisher(
            Database database,
            ObjectStore store,
            AuditLog log,
            KeyCustodian custodian,
            StatementSigner signer,
            Digest attestationRoot,
            Limits limits,
            FailureLimit importFailures,
            InstantSource clock) {
        this.database = database;
        this.store = store;
        this.log = log;
        this.custodian = custodian;
        this.signer = signer;
        this.attestationRoot = attestationRoot;
        this.limits = limits;
        this.importFailures = importFailures;
        this.clock = clock;
    }

    /**
     * Announces a version; the same manifest again changes nothing.
     *
     * @return durable bytes of each file
     */
    public List<Long> begin(Principal caller, byte[] encoded) throws RefusedException, IOException {
        TenantName tenant = new TenantName(caller.tenant());
        VerifiedManifest manifest =
                verify(encoded, database.read(h -> TenantTable.require(h, tenant)));
        caller.requireTenant(manifest.content().model().tenant().value());
        requireSizes(manifest);
        database.<RefusedException>change(handle -> announce(handle, manifest, encoded));
        List<Long> durable = new ArrayList<>();
        long missing = 0;
        for (SealedObject object : objectsOf(manifest)) {
            long bytes = store.resumeAt(object);
            durable.add(bytes);
            missing += object.bytes() - bytes;
        }
        store.requireRoom(missing);
        return durable;
    }

    private VerifiedManifest verify(byte[] encoded, TenantTable.Tenant tenant)
            throws RefusedException {
        Manifest manifest;
        try {
            manifest = Manifest.decode(encoded);
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.MANIFEST_MALFORMED, String.valueOf(e.getMessage()), e);
        }
        try {
            return manifest.verify(tenant.ownerId());
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.MANIFEST_NOT_AUTHENTIC,
                    e.getMessage()
                            + "; the manifest must be signed by the owner root of tenant "
                            + tenant.name(),
                    e);
        }
    }

    private void requireSizes(VerifiedManifest manifest) throws RefusedException {
        for (SealedEntry file : manifest.seal().files()) {
            if (file.sealedBytes() > limits.objectBytes()) {
                throw new RefusedException(
                        Reason.OBJECT_TOO_LARGE,
                        "a file of "
                                + file.sealedBytes()
                                + " sealed bytes; this vault takes "
                                + limits.objectBytes()
                                + ", set by limits.objectBytes");
            }
        }
    }

    private void announce(Handle handle, VerifiedManifest manifest, byte[] encoded)
            throws RefusedException {
        ContentStatement content = manifest.content();
        Optional<Version> known = VersionTable.find(handle, content.model(), content.versionId());
        if (known.isPresent() && known.get().manifestDigest().equals(manifest.digest())) {
            return;
        }
        if (known.isPresent() || VersionTable.idIsTaken(handle, content.versionId())) {
            throw new RefusedException(
                    Reason.VERSION_EXISTS,
                    "version id "
                            + content.versionId()
                            + " belongs to another manifest; push again for a new one");
        }
        Digest importDigest = manifest.seal().importCiphertextDigest();
        if (VersionTable.importIsTaken(handle, importDigest, content.versionId())) {
            throw new RefusedException(
                    Reason.IMPORT_SEEN,
                    "the wrapped key was used for another version; push again for a new one");
        }
        requirePolicies(handle, content);
        if (VersionTable.countUnfinished(handle, content.model().tenant())
                >= limits.unfinishedVersions()) {
            throw new RefusedException(
                    Reason.TOO_MANY_UNFINISHED,
                    "the tenant has "
                            + limits.unfinishedVersions()
                            + " unfinished versions; finish one, or wait until the oldest is"
                            + " collected");
        }
        VersionTable.insert(handle, manifest, encoded, clock.instant());
    }

    private void requirePolicies(Handle handle, ContentStatement content) throws RefusedException {
        Optional<String> objection =
                PolicyDesk.objection(
                        PolicyDesk.inForce(handle, content.model()),
                        content.model(),
                        content.releasePolicy(),
                        content.outputPolicy(),
                        clock.instant());
        if (objection.isPresent()) {
            throw new RefusedException(
                    Reason.POLICY_UNMET,
                    "the manifest's policies are not the ones in force: "
                            + objection.get()
                            + "; see: strongroom policy show");
        }
    }

    /** Goes on with one file of an announced version. The caller closes the upload. */
    public Upload upload(ModelName model, VersionId version, int fileIndex, long offset)
            throws RefusedException, IOException {
        VerifiedManifest manifest = manifestOf(require(model, version));
        List<SealedObject> objects = objectsOf(manifest);
        if (fileIndex < 0 || fileIndex >= objects.size()) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "file index " + fileIndex + "; the version has " + objects.size() + " files");
        }
        return store.upload(objects.get(fileIndex), offset);
    }

    /** One file of a committed version. */
    public SealedObject object(ModelName model, VersionId version, int fileIndex)
            throws RefusedException {
        Version stored = require(model, version);
        if (stored.state() != State.COMMITTED) {
            throw notFound(model, version);
        }
        List<SealedObject> objects = objectsOf(manifestOf(stored));
        if (fileIndex < 0 || fileIndex >= objects.size()) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "file index " + fileIndex + "; the version has " + objects.size() + " files");
        }
        return objects.get(fileIndex);
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
        Version stored = require(model, version);
        if (stored.state() == State.COMMITTED) {
            return answer(stored);
        }
        TrustLevel level = custodian.info().level();
        if (required.isPresent() && !level.isAtLeast(required.get())) {
            throw new RefusedException(
                    Reason.TRUST_LEVEL_TOO_LOW,
                    "the vault's keys are at level "
                            + level
                            + ", the push asks for "
                            + required.get());
        }
        importFailures.check(model.tenant().value());
        VerifiedManifest manifest = manifestOf(stored);
        requireComplete(manifest);
        database.<Integer, RefusedException>read(handle -> {
            requirePolicies(handle, manifest.content());
            return 0;
        });
        requireDeclared(caller, manifest, importCiphertext);
        for (int attempt = 1; ; attempt++) {
            if (tryCommit(caller, stored, manifest, importCiphertext, attempt)) {
                store.discardUploads(model.tenant(), version);
                return answer(require(model, version));
            }
        }
    }

    private void requireComplete(VerifiedManifest manifest) throws RefusedException {
        for (SealedObject object : objectsOf(manifest)) {
            if (!store.isComplete(object)) {
                throw new RefusedException(
                        Reason.UPLOAD_INCOMPLETE,
                        "file "
                                + object.fileIndex()
                                + " is not complete; run the same push again to go on");
            }
        }
    }

    private void requireDeclared(
            Principal caller, VerifiedManifest manifest, byte[] importCiphertext)
            throws RefusedException {
        if (!Digest.sha256(importCiphertext).equals(manifest.seal().importCiphertextDigest())) {
            throw importRefused(caller, manifest);
        }
    }

    /** False when the key-encryption key was retired meanwhile: the next attempt takes its heir. */
    private boolean tryCommit(
            Principal caller,
            Version stored,
            VerifiedManifest manifest,
            byte[] importCiphertext,
            int attempt)
            throws RefusedException, CustodyException {
        ModelName model = stored.model();
        int kek = activeKek(model.tenant());
        WrappedKey.AtRest wrapped;
        try {
            wrapped = importKey(caller, manifest, importCiphertext, kek);
        } catch (CustodyException e) {
            if (e.reason() == CustodyException.Reason.KEK_RETIRED && attempt < COMMIT_ATTEMPTS) {
                return false;
            }
            throw e;
        }
        AuditReceipt receipt =
                log.<RefusedException>append(
                        handle -> decideCommit(handle, caller, manifest, stored.id(), kek));
        FaultPoint.COMMIT_AUDITED.reached();
        var commit =
                new VersionTable.Commit(
                        receipt.record().time(), countersign(stored, receipt), receipt.leafIndex());
        return database.<Boolean, RuntimeException>write(handle -> {
            if (activeKek(handle, model.tenant()) != kek) {
                return false;
            }
            VersionTable.commit(handle, stored.id(), commit);
            WrappedKeyTable.insert(handle, stored.id(), model.tenant(), kek, wrapped.encoded());
            FaultPoint.COMMIT_IN_TRANSACTION.reached();
            return true;
        });
    }

    private WrappedKey.AtRest importKey(
            Principal caller, VerifiedManifest manifest, byte[] importCiphertext, int kek)
            throws RefusedException, CustodyException {
        ContentStatement content = manifest.content();
        var binding =
                new WrapBinding(
                        content.model(), content.versionId(), content.ownerId(), manifest.digest());
        try {
            return custodian.importWrapped(importCiphertext, binding, kek);
        } catch (CustodyException e) {
            if (e.reason() == CustodyException.Reason.IMPORT_REFUSED) {
                throw importRefused(caller, manifest);
            }
            throw e;
        }
    }

    private RefusedException importRefused(Principal caller, VerifiedManifest manifest) {
        String tenant = manifest.content().model().tenant().value();
        importFailures.failed(tenant);
        log.append(
                Decision.of(IMPORT_REFUSED, caller.uri(), tenant)
                        .with("model", manifest.content().model())
                        .with("version-id", manifest.content().versionId())
                        .with("manifest", manifest.digest()));
        return new RefusedException(
                Reason.IMPORT_REFUSED,
                "the wrapped key was refused; check the import certificate, then push again");
    }

    private Decision decideCommit(
            Handle handle, Principal caller, VerifiedManifest manifest, VersionId id, int kek)
            throws RefusedException {
        ModelName model = manifest.content().model();
        Version current =
                VersionTable.find(handle, model, id).orElseThrow(() -> notFound(model, id));
        Digest importDigest = manifest.seal().importCiphertextDigest();
        VersionTable.rememberImport(handle, importDigest, id);
        return Decision.of(AuditRecord.VERSION_COMMITTED, caller.uri(), model.tenant().value())
                .with("model", model)
                .with("version-id", id)
                .with("number", VersionTable.number(handle, current))
                .with("manifest", manifest.digest())
                .with("import", importDigest)
                .with("owner", manifest.content().ownerId())
                .with("kek", kek)
                .with("trust-level", custodian.info().level())
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
            return statement.sign(signer).encode();
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign; nothing is lost: run the same push again",
                    e);
        }
    }

    private Committed answer(Version stored) throws RefusedException, CustodyException {
        byte[] record =
                database.read(handle -> WrappedKeyTable.find(handle, stored.id()))
                        .orElseThrow(() -> notFound(stored.model(), stored.id()));
        var commit = database.read(handle -> VersionTable.commitOf(handle, stored.id()));
        return new Committed(
                stored.number(),
                stored.manifestDigest(),
                commit.countersignature(),
                commit.auditLeaf(),
                custodian.authenticate(record).kekVersion(),
                custodian.info().level());
    }

    private int activeKek(TenantName tenant) throws RefusedException {
        return database.<Integer, RuntimeException>read(handle -> activeKek(handle, tenant));
    }

    private static int activeKek(Handle handle, TenantName tenant) {
        return KekTable.in(handle, tenant, KekTable.State.ACTIVE)
                .map(KekTable.Kek::version)
                .orElseThrow(() -> new IllegalStateException("tenant without an active key"));
    }

    private Version require(ModelName model, VersionId version) throws RefusedException {
        return database.read(handle -> VersionTable.find(handle, model, version))
                .orElseThrow(() -> notFound(model, version));
    }

    /** The stored manifest, verified again: the database is not believed. */
    public VerifiedManifest manifestOf(Version version) throws RefusedException {
        VerifiedManifest manifest =
                verify(
                        version.manifest(),
                        database.read(h -> TenantTable.require(h, version.model().tenant())));
        if (!manifest.content().model().equals(version.model())
                || !manifest.content().versionId().equals(version.id())
                || !manifest.digest().equals(version.manifestDigest())) {
            throw new RefusedException(
                    Reason.MANIFEST_NOT_AUTHENTIC,
                    "the stored manifest is of another version; restore the database from a"
                            + " backup");
        }
        return manifest;
    }

    private static List<SealedObject> objectsOf(VerifiedManifest manifest) {
        ContentStatement content = manifest.content();
        List<SealedEntry> files = manifest.seal().files();
        var objects = new ArrayList<SealedObject>();
        for (int i = 0; i < files.size(); i++) {
            objects.add(
                    new SealedObject(
                            content.model().tenant(),
                            content.versionId(),
                            i,
                            files.get(i).sealedBytes(),
                            files.get(i).digest()));
        }
        return objects;
    }

    private static RefusedException notFound(ModelName model, VersionId version) {
        return new RefusedException(
                Reason.VERSION_NOT_FOUND,
                "no version "
                        + version
                        + " of "
                        + model
                        + "; list what there is with: strongroom model list");
    }
}

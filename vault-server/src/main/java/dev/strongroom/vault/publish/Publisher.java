package dev.strongroom.vault.publish;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.VaultConfig.Limits;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.catalog.VersionTable.State;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.store.ObjectStore;
import dev.strongroom.vault.store.SealedObject;
import dev.strongroom.vault.store.Upload;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Takes a version in: announced by its signed manifest, then filled with sealed bytes. It stays
 * invisible until it is committed; every step can be repeated after a crash on either side.
 *
 * <p>Thread-safe.
 */
public final class Publisher {
    private final Database database;
    private final ObjectStore store;
    private final Versions versions;
    private final Limits limits;
    private final InstantSource clock;

    public Publisher(
            Database database,
            ObjectStore store,
            Versions versions,
            Limits limits,
            InstantSource clock) {
        this.database = database;
        this.store = store;
        this.versions = versions;
        this.limits = limits;
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
                versions.verify(encoded, database.read(h -> TenantTable.require(h, tenant)));
        caller.requireTenant(manifest.content().model().tenant().value());
        requireSizes(manifest);
        database.<RefusedException>change(handle -> announce(handle, manifest, encoded));
        List<Long> durable = new ArrayList<>();
        long missing = 0;
        for (SealedObject object : Versions.objectsOf(manifest)) {
            long bytes = store.resumeAt(object);
            durable.add(bytes);
            missing += object.bytes() - bytes;
        }
        store.requireRoom(missing);
        return durable;
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
        var _ = versions.requirePolicies(handle, manifest);
        if (VersionTable.countUnfinished(handle, content.model().tenant())
                >= limits.unfinishedVersions()) {
            throw new RefusedException(
                    Reason.TOO_MANY_UNFINISHED,
                    "the tenant has "
                            + limits.unfinishedVersions()
                            + " unfinished versions; finish one, or wait until the oldest is"
                            + " collected");
        }
        requireQuota(handle, manifest);
        VersionTable.insert(handle, manifest, encoded, clock.instant());
    }

    private void requireQuota(Handle handle, VerifiedManifest manifest) throws RefusedException {
        TenantName tenant = manifest.content().model().tenant();
        long free = limits.tenantBytes() - VersionTable.sealedBytes(handle, tenant);
        for (SealedEntry file : manifest.seal().files()) {
            if (file.sealedBytes() > free) {
                throw new RefusedException(
                        Reason.QUOTA_EXCEEDED,
                        "tenant "
                                + tenant
                                + " would hold more than "
                                + limits.tenantBytes()
                                + " sealed bytes, set by limits.tenantBytes; ask the vault's"
                                + " operator");
            }
            free -= file.sealedBytes();
        }
    }

    /** Goes on with one file of an announced version. The caller closes the upload. */
    public Upload upload(ModelName model, VersionId version, int fileIndex, long offset)
            throws RefusedException, IOException {
        return store.upload(object(versions.require(model, version), fileIndex), offset);
    }

    /**
     * One file of a committed version.
     *
     * @param seal digest of the manifest that the caller has; empty: whichever is in force
     * @throws RefusedException VERSION_RESEALED if another seal is in force
     */
    public SealedObject object(
            ModelName model, VersionId version, int fileIndex, Optional<Digest> seal)
            throws RefusedException {
        Version stored = versions.require(model, version);
        if (stored.state() != State.COMMITTED) {
            throw Versions.notFound(model, version);
        }
        if (seal.isPresent() && !seal.get().equals(stored.manifestDigest())) {
            throw new RefusedException(
                    Reason.VERSION_RESEALED,
                    "version "
                            + version
                            + " was sealed anew; fetch its manifest again, then its files");
        }
        return object(stored, fileIndex);
    }

    private SealedObject object(Version version, int fileIndex) throws RefusedException {
        List<SealedObject> objects = Versions.objectsOf(versions.manifestOf(version));
        if (fileIndex < 0 || fileIndex >= objects.size()) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "file index " + fileIndex + "; the version has " + objects.size() + " files");
        }
        return objects.get(fileIndex);
    }
}

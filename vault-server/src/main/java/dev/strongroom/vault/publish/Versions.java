package dev.strongroom.vault.publish;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Countersignature;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.TenantTable.Tenant;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.catalog.VersionTable.State;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.store.SealedObject;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Finds versions and reads their manifests. The owner's signature is checked each time a manifest
 * is used: the database is believed about nothing.
 *
 * <p>Thread-safe.
 */
public final class Versions {
    /** How a caller names a version. */
    @FunctionalInterface
    public interface Lookup {
        Optional<Version> find(Handle handle);
    }

    private final Database database;
    private final AuditLog log;
    private final PoliciesInForce policies;
    private final EvidenceVerifier verifier;
    private final OwnKeys ownKeys;
    private final InstantSource clock;

    /**
     * The versions of a vault.
     *
     * @param log says whose a tenant is and which seal of a version is in force
     * @param verifier of the nodes that sealed versions anew
     * @param ownKeys countersigned them
     */
    public Versions(
            Database database,
            AuditLog log,
            PoliciesInForce policies,
            EvidenceVerifier verifier,
            OwnKeys ownKeys,
            InstantSource clock) {
        this.database = database;
        this.log = log;
        this.policies = policies;
        this.verifier = verifier;
        this.ownKeys = ownKeys;
        this.clock = clock;
    }

    /** A version, committed or not. */
    public Version require(ModelName model, VersionId version) throws RefusedException {
        return database.read(handle -> VersionTable.find(handle, model, version))
                .orElseThrow(() -> notFound(model, version));
    }

    /** As it is now, which may be under a newer seal than when the caller looked. */
    VerifiedManifest manifestOf(Version version) throws RefusedException {
        return database.<VerifiedManifest, RefusedException>write(handle ->
                manifestOf(
                        handle,
                        VersionTable.find(handle, version.model(), version.id())
                                .orElseThrow(() -> notFound(version.model(), version.id()))));
    }

    /**
     * The stored manifest, verified again: the database is not believed.
     *
     * @param handle of a write transaction: only there catalogue and log are sure to agree
     */
    public VerifiedManifest manifestOf(Handle handle, Version version) throws RefusedException {
        Tenant tenant = TenantTable.require(handle, version.model().tenant());
        Manifest stored = decode(version.manifest());
        VerifiedManifest manifest = verified(tenant, owner -> stored.verify(owner, verifier));
        requireInForce(version);
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

    private void requireInForce(Version version) throws RefusedException {
        Optional<Digest> newest = log.views().seals().newest(version.id());
        if (newest.isPresent() && !newest.get().equals(version.manifestDigest())) {
            throw new RefusedException(
                    Reason.MANIFEST_NOT_AUTHENTIC,
                    "the stored seal of version "
                            + version.id()
                            + " is not the one that the audit log says is in force: the database"
                            + " was changed outside the vault; restore the data folder from a"
                            + " backup");
        }
    }

    /** Reads a manifest as the tenant's owner signed and sealed it. */
    VerifiedManifest verify(byte[] encoded, Tenant tenant) throws RefusedException {
        Manifest manifest = decode(encoded);
        return verified(tenant, manifest::verify);
    }

    /**
     * A manifest whoever sealed it, the tenant's owner or a node that he allows.
     *
     * @throws RefusedException MANIFEST_NOT_AUTHENTIC
     */
    public VerifiedManifest verifyRenewed(Manifest manifest, TenantName name)
            throws RefusedException {
        Tenant tenant = database.read(handle -> TenantTable.require(handle, name));
        return verified(tenant, owner -> manifest.verify(owner, verifier));
    }

    /** Reads a manifest; nothing in it is authentic yet. */
    public static Manifest decode(byte[] encoded) throws RefusedException {
        try {
            return Manifest.decode(encoded);
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.MANIFEST_MALFORMED, String.valueOf(e.getMessage()), e);
        }
    }

    private interface Verification {
        VerifiedManifest run(Digest owner) throws SealedFormatException;
    }

    private VerifiedManifest verified(Tenant tenant, Verification verification)
            throws RefusedException {
        Digest owner = log.views().owners().confirm(tenant).ownerId();
        try {
            return verification.run(owner);
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.MANIFEST_NOT_AUTHENTIC,
                    e.getMessage()
                            + "; the manifest must be signed by the owner root of tenant "
                            + tenant.name(),
                    e);
        }
    }

    /** The policies in force; refuses a version that demands others. */
    InForce requirePolicies(Handle handle, VerifiedManifest manifest) throws RefusedException {
        InForce inForce = policies.inForce(handle, manifest);
        Optional<String> objection = inForce.objection(manifest.content(), clock.instant());
        if (objection.isPresent()) {
            throw new RefusedException(
                    Reason.POLICY_UNMET,
                    "the manifest's policies are not the ones in force: "
                            + objection.get()
                            + "; see: strongroom policy show");
        }
        return inForce;
    }

    /** True when the token signed that a committed version has its number and its manifest. */
    public boolean isCountersigned(Handle handle, Version version) {
        byte[] envelope = VersionTable.commitOf(handle, version.id()).countersignature();
        try {
            var signed = Countersignature.verify(Dsse.decode(envelope), ownKeys.identity());
            return signed.model().equals(version.model())
                    && signed.versionId().equals(version.id())
                    && signed.versionNumber() == version.number()
                    && signed.manifestDigest().equals(version.manifestDigest());
        } catch (SealedFormatException e) {
            return false;
        }
    }

    /**
     * A committed version, however the caller names it.
     *
     * @throws RefusedException VERSION_NOT_AUTHENTIC if the stored number is not the signed one
     */
    public Optional<Version> findCommitted(Lookup lookup) throws RefusedException {
        return database.<Optional<Version>, RefusedException>write(handle -> {
            Optional<Version> found =
                    lookup.find(handle).filter(version -> version.state() == State.COMMITTED);
            if (found.isPresent()) {
                requireInForce(found.get());
                requireCountersigned(handle, found.get());
            }
            return found;
        });
    }

    /** A committed version with the rules of its owner: one moment's. */
    record Servable(long number, InForce policies) {}

    /**
     * A committed version as its owner signed it and this vault countersigned it, with the policies
     * in force.
     *
     * @throws RefusedException POLICY_UNMET if it demands others
     */
    Optional<Servable> servable(Handle handle, ModelName model, VersionId id)
            throws RefusedException {
        Optional<Version> found =
                VersionTable.find(handle, model, id)
                        .filter(version -> version.state() == State.COMMITTED);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        VerifiedManifest manifest = manifestOf(handle, found.get());
        requireCountersigned(handle, found.get());
        return Optional.of(new Servable(found.get().number(), requirePolicies(handle, manifest)));
    }

    /** Every committed version of one tenant or of all ({@code %}), each as countersigned. */
    public List<VersionTable.Listed> list(String tenantPattern) throws RefusedException {
        return database.<List<VersionTable.Listed>, RefusedException>read(handle -> {
            List<VersionTable.Listed> listed = VersionTable.list(handle, tenantPattern);
            for (VersionTable.Listed line : listed) {
                requireCountersigned(handle, line.version());
            }
            return listed;
        });
    }

    private void requireCountersigned(Handle handle, Version version) throws RefusedException {
        if (!isCountersigned(handle, version)) {
            throw new RefusedException(
                    Reason.VERSION_NOT_AUTHENTIC,
                    "version "
                            + version.id()
                            + ": the stored number or manifest is not the one that this vault"
                            + " countersigned; restore the database from a backup");
        }
    }

    /** The files of a version as the store knows them. */
    public static List<SealedObject> objectsOf(VerifiedManifest manifest) {
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

    /** There is no such version. */
    public static RefusedException notFound(ModelName model, VersionId version) {
        return new RefusedException(
                Reason.VERSION_NOT_FOUND,
                "no version "
                        + version
                        + " of "
                        + model
                        + "; list what there is with: strongroom model list");
    }
}

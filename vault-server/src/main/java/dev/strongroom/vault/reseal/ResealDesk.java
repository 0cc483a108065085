package dev.strongroom.vault.reseal;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.SealingKey;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.ResealProof;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.FailureLimit;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.ResealTable;
import dev.strongroom.vault.catalog.ResealTable.Draft;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.publish.Versions;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.release.Challenges;
import dev.strongroom.vault.store.ObjectStore;
import dev.strongroom.vault.store.SealedObject;
import dev.strongroom.vault.store.Upload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes a new seal in: announced by a manifest whose proof answers a fresh challenge, then filled
 * with sealed bytes. Nothing but the evidence of a node that the owner allows opens this door, and
 * until {@link SealSwap} the old seal is in force.
 *
 * <p>Thread-safe.
 */
public final class ResealDesk {
    private final Database database;
    private final ObjectStore store;
    private final AuditLog log;
    private final Versions versions;
    private final ResealRules rules;
    private final Challenges challenges;
    private final FailureLimit refusals;
    private final OwnKeys ownKeys;
    private final InstantSource clock;

    /**
     * @param challenges that nodes got their nonces from
     * @param refusals by caller
     */
    public ResealDesk(
            Database database,
            ObjectStore store,
            AuditLog log,
            Versions versions,
            ResealRules rules,
            Challenges challenges,
            FailureLimit refusals,
            OwnKeys ownKeys,
            InstantSource clock) {
        this.database = database;
        this.store = store;
        this.log = log;
        this.versions = versions;
        this.rules = rules;
        this.challenges = challenges;
        this.refusals = refusals;
        this.ownKeys = ownKeys;
        this.clock = clock;
    }

    /**
     * Lets a new seal begin; the same manifest again changes nothing and needs no fresh nonce.
     *
     * @return durable bytes of each file
     * @throws RefusedException RESEAL_REFUSED with the rule; the nonce is used up
     */
    public List<Long> begin(Principal caller, byte[] encoded) throws RefusedException, IOException {
        refusals.check(caller.uri());
        Manifest manifest = Versions.decode(encoded);
        VerifiedManifest next;
        try {
            next = verify(caller, manifest);
            if (!isOpen(next)) {
                admit(caller, next, encoded);
            }
        } catch (Objection e) {
            throw refuse(caller, manifest, e);
        }
        return durable(next);
    }

    private VerifiedManifest verify(Principal caller, Manifest manifest)
            throws Objection, RefusedException {
        VerifiedManifest next;
        try {
            next = versions.verifyRenewed(manifest, new TenantName(caller.tenant()));
        } catch (RefusedException e) {
            if (e.reason() != Reason.MANIFEST_NOT_AUTHENTIC) {
                throw e;
            }
            throw new Objection("seal.proof", String.valueOf(e.getMessage()));
        }
        if (next.sealer().isEmpty()) {
            throw new Objection("seal.epoch", "expected a seal by a node, after epoch 0");
        }
        caller.requireTenant(next.content().model().tenant().value());
        return next;
    }

    private boolean isOpen(VerifiedManifest next) {
        return database.read(handle -> ResealTable.find(handle, next.content().versionId()))
                .filter(draft -> draft.manifestDigest().equals(next.digest()))
                .isPresent();
    }

    /** Nonce, rules, draft and record in one transaction. */
    private void admit(Principal caller, VerifiedManifest next, byte[] encoded)
            throws Objection, RefusedException {
        Transcript shown = next.sealer().orElseThrow().transcript();
        requireFresh(caller, shown.nonce());
        if (!shown.vaultKeyId().equals(ownKeys.signingKeyId())) {
            throw new Objection("vault.key", "the evidence was made for another vault");
        }
        log.<Objection>appendSigned(handle -> {
            if (!challenges.consume(handle, shown.nonce())) {
                throw new Objection("nonce.used", "the nonce was used; ask for a new one");
            }
            rules.check(handle, next, shown.policies());
            discardUploads(next);
            // The log holds its lock while it decides: the next leaf is this record's.
            ResealTable.replace(handle, next, encoded, clock.instant(), log.size());
            return begun(caller, next);
        });
        challenges.forget(shown.nonce());
    }

    private void requireFresh(Principal caller, byte[] nonce) throws Objection {
        Optional<Instant> notAfter = challenges.find(caller, nonce);
        if (notAfter.isEmpty()) {
            throw new Objection(
                    challenges.isOfThisBoot(nonce) ? "nonce.unknown" : "nonce.stale",
                    "the nonce is not open; ask for a new one");
        }
        if (clock.instant().isAfter(notAfter.get())) {
            throw new Objection("challenge.expired", "the nonce expired; ask for a new one");
        }
    }

    /** What an earlier draft of the version left. */
    private void discardUploads(VerifiedManifest next) {
        try {
            store.discardUploads(next.content().model().tenant(), next.content().versionId());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Decision begun(Principal caller, VerifiedManifest next) {
        Attested<SealingKey> sealer = next.sealer().orElseThrow();
        Transcript shown = sealer.transcript();
        HexFormat hex = HexFormat.of();
        return describe(AuditRecord.RESEAL_BEGUN, caller, next)
                .with("boot-id", hex.formatHex(shown.bootId()))
                .with("nonce", hex.formatHex(shown.nonce()))
                .with("release-policy", shown.policies().getFirst().digest())
                .with("output-policy", shown.policies().getLast().digest())
                .with("tee", sealer.claims().tee().label())
                .with("attestation-root", sealer.claims().rootFingerprint())
                .with("evidence", sealer.evidenceDigest())
                .with("measurement", sealer.claims().measurement())
                .with("sealer-key", Digest.sha256(sealer.value().spki()))
                .with("posture", shown.posture());
    }

    /** What every record of a new seal says. */
    static Decision describe(String type, Principal caller, VerifiedManifest next) {
        ModelName model = next.content().model();
        return Decision.of(type, caller.uri(), model.tenant().value())
                .with("model", model)
                .with("version-id", next.content().versionId())
                .with("owner", next.content().ownerId())
                .with("epoch", next.seal().epoch())
                .with("previous", next.seal().previous().map(Digest::hex).orElse(""))
                .with("manifest", next.digest());
    }

    private RefusedException refuse(Principal caller, Manifest manifest, Objection objection) {
        Optional<byte[]> nonce = manifest.proof().map(ResealProof::nonce);
        AuditReceipt receipt =
                log.append(handle -> {
                    nonce.filter(mine -> challenges.find(caller, mine).isPresent())
                            .ifPresent(mine -> challenges.consume(handle, mine));
                    return Decision.of(AuditRecord.RESEAL_REFUSED, caller.uri(), caller.tenant())
                            .with("manifest", manifest.digest())
                            .with("rule", objection.rule());
                });
        nonce.filter(mine -> challenges.find(caller, mine).isPresent())
                .ifPresent(challenges::forget);
        refusals.failed(caller.uri());
        return new RefusedException(
                Reason.RESEAL_REFUSED,
                "re-seal refused by " + objection.rule() + ": " + objection.getMessage(),
                Map.of("rule", objection.rule(), "audit-leaf", Long.toString(receipt.leafIndex())));
    }

    private List<Long> durable(VerifiedManifest next) throws RefusedException, IOException {
        List<Long> durable = new ArrayList<>();
        long missing = 0;
        for (SealedObject object : Versions.objectsOf(next)) {
            long bytes = store.resumeAt(object);
            durable.add(bytes);
            missing += object.bytes() - bytes;
        }
        store.requireRoom(missing);
        return durable;
    }

    /** Goes on with one file of a seal that has begun. The caller closes the upload. */
    public Upload upload(ModelName model, VersionId version, int fileIndex, long offset)
            throws RefusedException, IOException {
        VerifiedManifest next = draft(versions, database, model, version);
        List<SealedObject> objects = Versions.objectsOf(next);
        if (fileIndex < 0 || fileIndex >= objects.size()) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "file index " + fileIndex + "; the version has " + objects.size() + " files");
        }
        return store.upload(objects.get(fileIndex), offset);
    }

    /** The seal that has begun, verified again: the database is not believed. */
    static VerifiedManifest draft(
            Versions versions, Database database, ModelName model, VersionId version)
            throws RefusedException {
        Draft draft =
                database.read(handle -> ResealTable.find(handle, version))
                        .orElseThrow(() -> noDraft(version));
        VerifiedManifest next =
                versions.verifyRenewed(Versions.decode(draft.manifest()), model.tenant());
        if (!next.content().model().equals(model)
                || !next.content().versionId().equals(version)
                || !next.digest().equals(draft.manifestDigest())) {
            throw new RefusedException(
                    Reason.MANIFEST_NOT_AUTHENTIC,
                    "the stored manifest is of another version; restore the database from a"
                            + " backup");
        }
        return next;
    }

    static RefusedException noDraft(VersionId version) {
        return new RefusedException(
                Reason.RESEAL_NOT_FOUND,
                "no such seal of version " + version + " has begun; run the re-seal again");
    }
}

package dev.strongroom.vault.ownkeys;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.OwnKeyChange;
import dev.strongroom.crypto.format.OwnKeyChange.Step;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.approval.ApprovalDesk;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.OwnKeyHistory;
import dev.strongroom.vault.audit.OwnKeyHistory.Standing;
import dev.strongroom.vault.backup.Backups;
import dev.strongroom.vault.catalog.LeafTable;
import dev.strongroom.vault.catalog.Meta;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.ownkeys.OwnKeys.InForce;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import javax.security.auth.x500.X500Principal;
import org.jdbi.v3.core.Handle;

/**
 * Replaces the vault's own keys. The next version is made in the token; then one transaction writes
 * down that it is in force, with the identity that the ceremony key signed for it. Stopped before
 * that, the old key is in force and the same call goes on; stopped after it, the new one is.
 *
 * <p>Thread-safe; one change at a time.
 */
public final class OwnKeyDesk {
    /**
     * One version that is in the token.
     *
     * @param since when it was put in force; empty for those that the vault was made with
     */
    public record Version(
            SigningKey key, int version, Use use, Digest keyId, Optional<Instant> since) {}

    /** What a version is used for. */
    public enum Use {
        CURRENT,
        /** Signs nothing any more; the certificates of a CA still count. */
        SUPERSEDED
    }

    private final AuditLog log;
    private final KeyCustodian custodian;
    private final OwnKeys keys;
    private final Succession succession;
    private final ApprovalDesk approvals;
    private final Backups backups;
    private final ReentrantLock changing = new ReentrantLock();

    public OwnKeyDesk(
            AuditLog log,
            KeyCustodian custodian,
            OwnKeys keys,
            Succession succession,
            ApprovalDesk approvals,
            Backups backups) {
        this.log = log;
        this.custodian = custodian;
        this.keys = keys;
        this.succession = succession;
        this.approvals = approvals;
        this.backups = backups;
    }

    /** Every version in the token, key by key, the current one first. */
    public List<Version> list() throws CustodyException {
        List<Version> versions = new ArrayList<>();
        for (SigningKey key : SigningKey.values()) {
            Standing standing = log.views().ownKeys().standing(key);
            versions.add(version(key, standing.current(), Use.CURRENT, standing.since()));
            if (standing.superseded().isPresent()) {
                int before = standing.superseded().get();
                versions.add(version(key, before, Use.SUPERSEDED, Optional.empty()));
            }
        }
        return versions;
    }

    private Version version(SigningKey key, int version, Use use, Optional<Instant> since)
            throws CustodyException {
        return new Version(key, version, use, custodian.signer(key, version).keyId(), since);
    }

    /**
     * Makes the next version and puts it in force.
     *
     * @param key not the ceremony key
     * @return the new version
     * @throws RefusedException OWN_KEY_SUPERSEDED while the version before is not retired,
     *     APPROVAL_MISSING, TOKEN_UNAVAILABLE
     */
    public int rotate(Principal caller, SigningKey key) throws RefusedException, CustodyException {
        requireRotates(key);
        changing.lock();
        try {
            Standing standing = log.views().ownKeys().standing(key);
            requireRoom(key, standing);
            int version = standing.current() + 1;
            TokenSigner ending = custodian.signer(key, standing.current());
            TokenSigner made = make(key, version);
            FaultPoint.OWN_KEY_MADE.reached();
            Decision decision =
                    decision(AuditRecord.OWN_KEY_ROTATED, caller, key, version)
                            .with("key-id", made.keyId());
            putInForce(
                    Step.ROTATE,
                    decision,
                    leaf -> succession.rotated(keys.inForce(), key, version, ending, made, leaf));
            FaultPoint.OWN_KEY_AUDITED.reached();
            log.checkpoint();
            keys.changed();
            return version;
        } finally {
            changing.unlock();
        }
    }

    private static void requireRotates(SigningKey key) throws RefusedException {
        if (key == SigningKey.CEREMONY) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "the ceremony key is what everybody pins; another one is another vault");
        }
    }

    private void requireRoom(SigningKey key, Standing standing) throws RefusedException {
        if (standing.superseded().isPresent()) {
            throw new RefusedException(
                    Reason.OWN_KEY_SUPERSEDED,
                    "version "
                            + standing.superseded().get()
                            + " of the vault's "
                            + key.label()
                            + " key was replaced and is not retired; first: strongroom keys retire"
                            + " --key "
                            + key.label());
        }
        if (key == SigningKey.SIGNING
                && keys.identity().earlierKeys().size() >= VaultIdentity.MAX_EARLIER_KEYS) {
            throw new RefusedException(
                    Reason.OWN_KEY_SUPERSEDED,
                    "the vault has had "
                            + VaultIdentity.MAX_EARLIER_KEYS
                            + " signing keys, as many as its identity holds; make a new vault");
        }
    }

    /** What an interrupted call left is used if it is whole: nothing was signed with it. */
    private TokenSigner make(SigningKey key, int version) throws CustodyException {
        custodian.discardTornSigner(key, version);
        try {
            return custodian.createSigner(key, version);
        } catch (CustodyException e) {
            if (e.reason() != CustodyException.Reason.KEY_EXISTS) {
                throw e;
            }
            return custodian.signer(key, version);
        }
    }

    private static Decision decision(String type, Principal caller, SigningKey key, int version) {
        return Decision.of(type, caller.uri(), Principal.WHOLE_VAULT)
                .with("key", key.label())
                .with("version", version);
    }

    @FunctionalInterface
    private interface Following {
        InForce at(long leaf) throws RefusedException;
    }

    /**
     * Record, identity and approvals in one transaction; nobody signs between it and the switch.
     */
    private void putInForce(Step step, Decision decision, Following following)
            throws RefusedException {
        var next = new AtomicReference<>(keys.inForce());
        log.<RefusedException>appendBefore(
                handle -> {
                    next.set(following.at(LeafTable.next(handle)));
                    return decide(handle, step, Objects.requireNonNull(next.get()), decision);
                },
                _ -> keys.put(Objects.requireNonNull(next.get())));
    }

    /** What the ceremony key signs is a ceremony, and not one person's where there are others. */
    private Decision decide(Handle handle, Step step, InForce next, Decision decision)
            throws RefusedException {
        if (next.identity().number() == keys.identity().number()) {
            return decision;
        }
        Meta.VAULT_IDENTITY.write(handle, HexFormat.of().formatHex(next.envelope()));
        Decision ceremony =
                decision.with(
                        OwnKeyHistory.IDENTITY_FIELD, Digest.sha256(next.identity().encode()));
        if (!approvals.hasApprovers()) {
            return ceremony;
        }
        var change =
                new OwnKeyChange(
                        step,
                        decision.fields().getOrDefault("key", ""),
                        Integer.parseInt(decision.fields().getOrDefault("version", "")),
                        P256.keyId(next.identity().ceremonySpki()));
        return approvals.use(handle, Change.of(change), ceremony);
    }

    /**
     * Destroys the version before the current one. The certificates of a CA count no more from then
     * on; what a signing key signed before its end stays valid. Retiring twice is the same as once.
     *
     * @param issuer of the caller's own certificate
     * @return the version, unless it was retired before
     * @throws RefusedException OWN_KEY_IN_USE while a kept backup needs it or the caller would lock
     *     himself out, APPROVAL_MISSING, TOKEN_UNAVAILABLE
     */
    public Optional<Integer> retire(Principal caller, X500Principal issuer, SigningKey key)
            throws RefusedException, CustodyException {
        changing.lock();
        try {
            Optional<Integer> version = retirable(issuer, key);
            if (version.isPresent()) {
                putInForce(
                        Step.RETIRE,
                        decision(AuditRecord.OWN_KEY_RETIRED, caller, key, version.get()),
                        _ -> succession.retired(keys.inForce(), key));
                log.checkpoint();
            }
            FaultPoint.OWN_KEY_RETIREMENT_AUDITED.reached();
            int current = log.views().ownKeys().standing(key).current();
            if (current > SigningKey.FIRST) {
                custodian.destroySigner(key, current - 1);
            }
            keys.changed();
            return version;
        } finally {
            changing.unlock();
        }
    }

    /**
     * The version that {@link #retire} would destroy now, approvals aside.
     *
     * @throws RefusedException as {@link #retire}
     */
    public Optional<Integer> retirable(X500Principal issuer, SigningKey key)
            throws RefusedException {
        requireRotates(key);
        Standing standing = log.views().ownKeys().standing(key);
        if (standing.superseded().isPresent()) {
            requireUnused(key, standing.leaf(), issuer);
        }
        return standing.superseded();
    }

    private void requireUnused(SigningKey key, long since, X500Principal issuer)
            throws RefusedException {
        List<String> copies = backups.before(since);
        if (!copies.isEmpty()) {
            throw inUse(
                    "backups "
                            + copies
                            + " are older than its successor and start with no other; take newer"
                            + " ones until they are let go of: strongroom backup create");
        }
        if (key == SigningKey.CA && !issuer.equals(present())) {
            throw inUse(
                    "your own certificate is of it; get another one first: strongroom identity"
                            + " create");
        }
    }

    private X500Principal present() {
        return keys.issuer().certificate().getSubjectX500Principal();
    }

    private static RefusedException inUse(String why) {
        return new RefusedException(Reason.OWN_KEY_IN_USE, "the key is not retired: " + why);
    }
}

package dev.strongroom.vault.release;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.LeaseFacts;
import dev.strongroom.vault.audit.LeaseHistory;
import dev.strongroom.vault.audit.Revocations;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.publish.InForce;
import dev.strongroom.vault.publish.PoliciesInForce;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.HexFormat;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Looks again inside the transaction that records a lease: appraising takes a while, and what
 * happened meanwhile counts.
 *
 * <p>Thread-safe.
 */
public final class StillGood {
    private final AuditLog log;
    private final Challenges challenges;
    private final PoliciesInForce policies;
    private final OwnKeys ownKeys;

    public StillGood(
            AuditLog log, Challenges challenges, PoliciesInForce policies, OwnKeys ownKeys) {
        this.ownKeys = ownKeys;
        this.log = log;
        this.challenges = challenges;
        this.policies = policies;
    }

    /** Uses the nonce up, and looks whether seal, policies and keys are those of the appraisal. */
    void require(Handle handle, Appraisal.Passed good) throws Overtaken {
        useNonce(handle, good.request().nonce());
        requireVaultKey(good.node().transcript());
        requireSameSeal(handle, good.version());
        requireInForce(handle, good.manifest(), good.policies());
    }

    /** A node that was told another key would not believe the lease. */
    private void requireVaultKey(Transcript shown) throws Overtaken {
        if (!shown.vaultKeyId().equals(ownKeys.signingKeyId())) {
            throw new Overtaken(
                    "vault.key", "the vault's signing key was replaced meanwhile; ask again");
        }
    }

    private void useNonce(Handle handle, byte[] nonce) throws Overtaken {
        if (!challenges.consume(handle, nonce)) {
            throw new Overtaken("nonce.used", "the nonce was used; ask for a new one");
        }
    }

    /** A data key that was replaced meanwhile is not released any more. */
    private void requireSameSeal(Handle handle, Version appraised) throws Overtaken {
        boolean same =
                VersionTable.find(handle, appraised.model(), appraised.id())
                        .filter(now -> now.manifestDigest().equals(appraised.manifestDigest()))
                        .isPresent();
        if (!same) {
            throw new Overtaken(
                    "version.resealed",
                    "the version was sealed anew meanwhile; fetch its manifest and ask again");
        }
    }

    /** What the owner set meanwhile counts. */
    private void requireInForce(Handle handle, VerifiedManifest manifest, InForce appraised)
            throws Overtaken {
        InForce now;
        try {
            now = policies.inForce(handle, manifest);
        } catch (RefusedException e) {
            throw new Overtaken(Appraiser.refusal(e));
        }
        if (!now.references().equals(appraised.references())) {
            throw new Overtaken(
                    "policy.superseded",
                    "the owner set another policy meanwhile; fetch them and ask again");
        }
    }

    /** Who was put out meanwhile gets nothing for what he asked before. */
    void requireStanding(Principal caller, Digest key) throws Overtaken {
        if (log.views().quarantines().find(caller.uri()).isPresent()
                || log.views().issuedKeys().isWithdrawn(key)) {
            throw new Overtaken(
                    "identity.withdrawn", "the node's certificate was withdrawn meanwhile");
        }
    }

    /** A boot belongs to one node and one TLS key, and after its end it gets no other lease. */
    void requireBoot(Principal caller, LeaseRequest request) throws Overtaken {
        Optional<LeaseHistory.Held> held =
                log.views().leases().find(HexFormat.of().formatHex(request.bootId()));
        if (held.isEmpty()) {
            return;
        }
        requireOf(held.get(), caller, request.tlsSpki());
        requireNotEnded(held.get());
    }

    static void requireOf(LeaseHistory.Held held, Principal caller, byte[] tlsSpki)
            throws Overtaken {
        if (!held.facts().node().equals(caller.uri())
                || !held.tlsKey().equals(Digest.sha256(tlsSpki))) {
            throw new Overtaken(
                    "boot.other",
                    "this boot id is another node's or was used with another TLS key");
        }
    }

    static void requireNotEnded(LeaseHistory.Held held) throws Overtaken {
        if (held.end().isPresent()) {
            LeaseHistory.End end = held.end().get();
            throw new Overtaken(
                    end.rule(),
                    "this lease was ended (audit leaf %d): %s; restart the node once that is put"
                                    .formatted(end.leaf(), end.reason())
                            + " right");
        }
        if (held.zeroised().isPresent()) {
            throw new Overtaken(
                    "boot.zeroised", "this boot has overwritten its memory; restart the node");
        }
    }

    /** What is revoked is neither released nor renewed. */
    void requireNotRevoked(Decision decision) throws Overtaken {
        Optional<Revocations.Revocation> found =
                log.views().revocations().against(LeaseFacts.of(decision));
        if (found.isPresent()) {
            Revocations.Revocation revocation = found.get();
            throw new Overtaken(
                    revocation.target().rule(),
                    "%s %s is revoked (audit leaf %d): %s"
                            .formatted(
                                    revocation.target().kind().label(),
                                    revocation.target().subject(),
                                    revocation.leaf(),
                                    revocation.reason()));
        }
    }
}

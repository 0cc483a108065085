package dev.strongroom.vault.release;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.LeaseHistory;
import dev.strongroom.vault.publish.InForce;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Renews the lease of a boot whose fresh evidence was judged as for a release: another lease in the
 * place of the one that it holds. No key moves: the token checks the key's record and signs. A
 * lease that has ended is not renewed.
 *
 * <p>Thread-safe.
 */
public final class RenewalDesk {
    private final AuditLog log;
    private final Challenges challenges;
    private final StillGood stillGood;
    private final LeaseOffice office;
    private final InstantSource clock;

    public RenewalDesk(
            AuditLog log,
            Challenges challenges,
            StillGood stillGood,
            LeaseOffice office,
            InstantSource clock) {
        this.log = log;
        this.challenges = challenges;
        this.stillGood = stillGood;
        this.office = office;
        this.clock = clock;
    }

    LeaseDecision renew(Principal caller, Appraisal.Renewable good)
            throws Overtaken, RefusedException {
        AuditReceipt receipt = log.<Overtaken>append(handle -> decide(handle, caller, good));
        challenges.forget(good.request().nonce());
        return new LeaseDecision.Renewed(
                office.grant(good, receipt, WitnessDemand.prove(log, receipt, good.policies())));
    }

    private Decision decide(Handle handle, Principal caller, Appraisal.Renewable good)
            throws Overtaken {
        stillGood.require(handle, good);
        stillGood.requireStanding(caller, Principal.currentKey());
        LeaseHistory.Held held = requireHeld(caller, good.request());
        Map<String, String> released = held.fields();
        requireKept(released, rules(good.policies()));
        Decision decision =
                office.describe(handle, AuditRecord.LEASE_RENEWED, caller, good)
                        .with(ReleaseRecord.RELEASE_LEAF, held.releaseLeaf())
                        .with("kek", released.getOrDefault("kek", ""))
                        .with("trust-level", released.getOrDefault("trust-level", ""))
                        .with("kem-key", released.getOrDefault("kem-key", ""));
        stillGood.requireNotRevoked(decision);
        return decision;
    }

    /**
     * What the owner demands now counts for a key that went out before. The appraisal has looked at
     * how it is kept since; this is how it was kept then.
     *
     * @param released fields of the record of the release, or of its last renewal
     */
    static void requireKept(Map<String, String> released, ReleasePolicy policy) throws Overtaken {
        Optional<TrustLevel> kept = TrustLevel.named(released.getOrDefault("trust-level", ""));
        if (kept.isEmpty()) {
            throw new Overtaken(
                    KeptKeys.TOO_LOW,
                    "the log does not say at what level this boot's key was kept; restart the node"
                            + " for another");
        }
        Optional<String> objection = policy.objectionTo(kept.get());
        if (objection.isPresent()) {
            throw new Overtaken(KeptKeys.TOO_LOW, objection.get());
        }
    }

    private static ReleasePolicy rules(InForce policies) throws Overtaken {
        try {
            return policies.releaseRules();
        } catch (RefusedException e) {
            throw new Overtaken(Appraiser.refusal(e));
        }
    }

    /** The lease that is renewed: this caller's, of this key and seal, and not over. */
    private LeaseHistory.Held requireHeld(Principal caller, RenewalRequest request)
            throws Overtaken {
        LeaseHistory.Held held =
                log.views()
                        .leases()
                        .find(HexFormat.of().formatHex(request.bootId()))
                        .orElseThrow(() ->
                                new Overtaken(
                                        "lease.unknown",
                                        "no lease of this boot; ask for a key instead"));
        StillGood.requireOf(held, caller, request.tlsSpki());
        StillGood.requireNotEnded(held);
        boolean same =
                request.versionId().hex().equals(held.fields().get("version-id"))
                        && request.manifestDigest().hex().equals(held.fields().get("manifest"));
        if (!same) {
            throw new Overtaken(
                    "lease.other", "this boot's lease is for another version or another seal");
        }
        if (!clock.instant().isBefore(held.notAfter())) {
            throw new Overtaken("lease.expired", "the lease is over; restart the node for another");
        }
        return held;
    }
}

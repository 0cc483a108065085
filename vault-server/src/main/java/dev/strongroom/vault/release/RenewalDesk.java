package dev.strongroom.vault.release;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.crypto.format.TrustLevel;
import dev.strongroom.vault.access.FailureLimit;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditProof;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.LeaseHistory;
import dev.strongroom.vault.catalog.BootTable;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Answers renewals: fresh evidence of a boot that holds a lease in, a lease in its place out. No
 * key moves, so the token only signs. What the evidence may be for is judged as for a release,
 * under the policies in force now; a lease that has ended is not renewed.
 *
 * <p>Thread-safe.
 */
public final class RenewalDesk {
    private final AuditLog log;
    private final Challenges challenges;
    private final Appraiser appraiser;
    private final StillGood stillGood;
    private final LeaseOffice office;
    private final FailureLimit refusals;
    private final InstantSource clock;

    public RenewalDesk(
            AuditLog log,
            Challenges challenges,
            Appraiser appraiser,
            StillGood stillGood,
            LeaseOffice office,
            FailureLimit refusals,
            InstantSource clock) {
        this.log = log;
        this.challenges = challenges;
        this.appraiser = appraiser;
        this.stillGood = stillGood;
        this.office = office;
        this.refusals = refusals;
        this.clock = clock;
    }

    /**
     * Decides a request. The nonce is used up whatever the decision.
     *
     * @throws RefusedException TOO_MANY_FAILURES, LOG_SHORTER, TOKEN_UNAVAILABLE: no decision
     */
    public RenewalDecision decide(Principal caller, RenewalRequest request)
            throws RefusedException, CustodyException {
        refusals.check(caller.uri());
        log.consistency(request.lastCheckpointSize(), log.size());
        Optional<Instant> notAfter = challenges.find(caller.uri(), request.nonce());
        if (notAfter.isEmpty()) {
            return refuse(caller, request, challenges.objectionTo(request.nonce()));
        }
        return switch (appraiser.appraise(request, notAfter.get())) {
            case Appraisal.Bad bad -> refuse(caller, request, bad);
            case Appraisal.Renewable good -> renew(caller, request, good);
            case Appraisal.Good _ -> throw new IllegalStateException("not a release");
        };
    }

    private RenewalDecision.Refused refuse(
            Principal caller, RenewalRequest request, Appraisal.Bad bad) {
        AuditReceipt receipt =
                log.append(handle -> {
                    stillGood.spendNonce(handle, request.nonce());
                    return describe(AuditRecord.RENEWAL_REFUSED, caller, request)
                            .with("rule", bad.rule());
                });
        challenges.forget(request.nonce());
        refusals.failed(caller.uri());
        return new RenewalDecision.Refused(receipt, bad.rule(), bad.why());
    }

    private RenewalDecision renew(
            Principal caller, RenewalRequest request, Appraisal.Renewable good)
            throws RefusedException {
        AuditReceipt receipt;
        try {
            receipt = log.<Overtaken>append(handle -> decideRenewal(handle, caller, request, good));
        } catch (Overtaken e) {
            return refuse(caller, request, e.objection());
        }
        challenges.forget(request.nonce());
        Lease lease = lease(request, good, receipt);
        AuditProof proof = WitnessDemand.prove(log, receipt, good.policies());
        return new RenewalDecision.Renewed(
                receipt,
                office.sign(lease),
                proof,
                log.consistency(
                        request.lastCheckpointSize(), proof.checkpoint().checkpoint().size()),
                office.certify(request.tlsSpki(), lease));
    }

    private Decision decideRenewal(
            Handle handle, Principal caller, RenewalRequest request, Appraisal.Renewable good)
            throws Overtaken {
        stillGood.useNonce(handle, request.nonce());
        stillGood.requireVaultKey(good.node().transcript());
        stillGood.requireSameSeal(handle, good.version());
        stillGood.requireInForce(handle, good.manifest(), good.policies());
        LeaseHistory.Held held = requireHeld(caller, request);
        Claims claims = good.node().claims();
        Map<String, String> released = held.fields();
        Decision decision =
                describe(AuditRecord.LEASE_RENEWED, caller, request)
                        .with(ReleaseRecord.RELEASE_LEAF, held.releaseLeaf())
                        .with("number", good.version().number())
                        .with("owner", good.manifest().content().ownerId())
                        .with(ReleaseDesk.LEASE_SEQ, BootTable.nextLease(handle, request.bootId()))
                        .with("kek", released.getOrDefault("kek", ""))
                        .with("trust-level", released.getOrDefault("trust-level", ""))
                        .with("release-policy", good.policies().release().reference().digest())
                        .with("output-policy", good.policies().output().reference().digest())
                        .with("tee", claims.tee().label())
                        .with("attestation-root", claims.rootFingerprint())
                        .with("evidence", good.node().evidenceDigest())
                        .with("measurement", NodeClaims.measurement(claims))
                        .with("chip", NodeClaims.chip(claims))
                        .with("kem-key", released.getOrDefault("kem-key", ""))
                        .with("tls-key", held.tlsKey())
                        .with("posture", request.posture())
                        .with(
                                ReleaseDesk.NOT_AFTER,
                                office.notAfter(clock.instant(), good.policies()).toEpochMilli());
        stillGood.requireNotRevoked(decision);
        return decision;
    }

    /** The lease that is renewed: this caller's, of this key and seal, and not over. */
    private LeaseHistory.Held requireHeld(Principal caller, RenewalRequest request)
            throws Overtaken {
        LeaseHistory.Held held =
                log.leases()
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

    private static Decision describe(String type, Principal caller, RenewalRequest request) {
        HexFormat hex = HexFormat.of();
        return Decision.of(type, caller.uri(), request.model().tenant().value())
                .with("model", request.model())
                .with("version-id", request.versionId())
                .with("manifest", request.manifestDigest())
                .with("boot-id", hex.formatHex(request.bootId()))
                .with("nonce", hex.formatHex(request.nonce()));
    }

    private Lease lease(RenewalRequest request, Appraisal.Renewable good, AuditReceipt receipt) {
        Map<String, String> fields = receipt.record().fields();
        return new Lease(
                request.nonce(),
                request.nodeNonce(),
                request.bootId(),
                number(fields, ReleaseDesk.LEASE_SEQ),
                good.version().model(),
                good.version().id(),
                good.version().number(),
                good.manifest().digest(),
                good.node().transcript().policies(),
                TrustLevel.valueOf(fields.getOrDefault("trust-level", "")),
                (int) number(fields, "kek"),
                good.node().claims().tee(),
                good.node().claims().rootFingerprint(),
                new Digest(fields.getOrDefault("kem-key", "")),
                Digest.sha256(request.tlsSpki()),
                good.node().transcript().posture(),
                receipt.record().time(),
                Instant.ofEpochMilli(number(fields, ReleaseDesk.NOT_AFTER)),
                office.maxInferences(),
                number(fields, ReleaseRecord.RELEASE_LEAF),
                receipt.leafIndex());
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(fields.getOrDefault(name, ""));
    }
}

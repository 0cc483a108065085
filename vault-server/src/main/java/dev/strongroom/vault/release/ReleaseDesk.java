package dev.strongroom.vault.release;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.vault.access.FailureLimit;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditProof;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.BootTable;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Answers lease requests: evidence in, a lease with the wrapped key or a refusal out. The order is
 * fixed: appraise, write the decision down together with the use of the nonce, only then have the
 * token wrap the key to the attested node.
 *
 * <p>Thread-safe.
 */
public final class ReleaseDesk {
    static final String LEASE_SEQ = "lease-seq";
    static final String NOT_AFTER = "not-after";

    private final AuditLog log;
    private final KeyCustodian custodian;
    private final LeaseOffice office;
    private final Challenges challenges;
    private final Appraiser appraiser;
    private final StillGood stillGood;
    private final FailureLimit refusals;
    private final InstantSource clock;

    public ReleaseDesk(
            AuditLog log,
            KeyCustodian custodian,
            LeaseOffice office,
            Challenges challenges,
            Appraiser appraiser,
            StillGood stillGood,
            FailureLimit refusals,
            InstantSource clock) {
        this.log = log;
        this.custodian = custodian;
        this.office = office;
        this.challenges = challenges;
        this.appraiser = appraiser;
        this.stillGood = stillGood;
        this.refusals = refusals;
        this.clock = clock;
    }

    /** A nonce for the caller's next request. */
    public Challenges.Issued challenge(Principal caller) throws RefusedException {
        return challenges.issue(caller.uri());
    }

    /**
     * Decides a request. The nonce is used up whatever the decision.
     *
     * @throws RefusedException TOO_MANY_FAILURES, LOG_SHORTER, TOKEN_UNAVAILABLE: no decision
     */
    public ReleaseDecision decide(Principal caller, LeaseRequest request)
            throws RefusedException, CustodyException {
        refusals.check(caller.uri());
        // A log that is shorter than the node remembers was rolled back; nothing is released from
        // it.
        log.consistency(request.lastCheckpointSize(), log.size());
        Optional<Instant> notAfter = challenges.find(caller.uri(), request.nonce());
        if (notAfter.isEmpty()) {
            return refuse(caller, request, challenges.objectionTo(request.nonce()));
        }
        Appraisal appraisal = appraiser.appraise(request, notAfter.get());
        return switch (appraisal) {
            case Appraisal.Bad bad -> refuse(caller, request, bad);
            case Appraisal.Good good -> release(caller, request, good);
            case Appraisal.Renewable _ -> throw new IllegalStateException("not a renewal");
        };
    }

    private ReleaseDecision.Refused refuse(
            Principal caller, LeaseRequest request, Appraisal.Bad bad) {
        AuditReceipt receipt =
                log.append(handle -> {
                    stillGood.spendNonce(handle, request.nonce());
                    return describe(AuditRecord.RELEASE_REFUSED, caller, request)
                            .with("rule", bad.rule());
                });
        challenges.forget(request.nonce());
        refusals.failed(caller.uri());
        return new ReleaseDecision.Refused(receipt, bad.rule(), bad.why());
    }

    private ReleaseDecision release(Principal caller, LeaseRequest request, Appraisal.Good good)
            throws RefusedException, CustodyException {
        AuditReceipt receipt;
        try {
            receipt = log.<Overtaken>append(handle -> decideRelease(handle, caller, request, good));
        } catch (Overtaken e) {
            return refuse(caller, request, e.objection());
        }
        challenges.forget(request.nonce());
        FaultPoint.RELEASE_AUDITED.reached();
        AuditProof proof = proof(caller, request, good, receipt);
        WrappedKey.ForEnclave key = wrap(caller, request, good, receipt);
        Lease lease = lease(request, good, receipt);
        return new ReleaseDecision.Released(
                receipt,
                office.sign(lease),
                key.bytes(),
                proof,
                log.consistency(
                        request.lastCheckpointSize(), proof.checkpoint().checkpoint().size()),
                office.certify(good.enclave().value().tlsSpki(), lease));
    }

    /** Nothing leaves the token before the witnesses that the owner demands know of it. */
    private AuditProof proof(
            Principal caller, LeaseRequest request, Appraisal.Good good, AuditReceipt receipt)
            throws RefusedException {
        try {
            return WitnessDemand.prove(log, receipt, good.policies());
        } catch (RefusedException e) {
            log.append(
                    describe(AuditRecord.RELEASE_FAILED, caller, request)
                            .with("release-leaf", receipt.leafIndex())
                            .with("reason", e.reason()));
            throw e;
        }
    }

    /** A release that was decided and then failed is written down as well. */
    private WrappedKey.ForEnclave wrap(
            Principal caller, LeaseRequest request, Appraisal.Good good, AuditReceipt receipt)
            throws CustodyException {
        try {
            return custodian.releaseTo(good.key(), good.enclave());
        } catch (CustodyException e) {
            log.append(
                    describe(AuditRecord.RELEASE_FAILED, caller, request)
                            .with("release-leaf", receipt.leafIndex())
                            .with("reason", e.reason()));
            throw e;
        }
    }

    /** Nonce, policies, lease number and record in one transaction. */
    private Decision decideRelease(
            Handle handle, Principal caller, LeaseRequest request, Appraisal.Good good)
            throws Overtaken {
        stillGood.useNonce(handle, request.nonce());
        stillGood.requireVaultKey(good.enclave().transcript());
        stillGood.requireSameSeal(handle, good.version());
        stillGood.requireInForce(handle, good.manifest(), good.policies());
        stillGood.requireBoot(caller, request);
        Attested<EnclaveKey> enclave = good.enclave();
        Decision decision =
                describe(AuditRecord.KEY_RELEASED, caller, request)
                        .with("number", good.version().number())
                        .with("owner", good.manifest().content().ownerId())
                        .with(LEASE_SEQ, BootTable.nextLease(handle, request.bootId()))
                        .with("kek", good.key().kekVersion())
                        .with("trust-level", good.key().level())
                        .with("release-policy", good.policies().release().reference().digest())
                        .with("output-policy", good.policies().output().reference().digest())
                        .with("tee", enclave.claims().tee().label())
                        .with("attestation-root", enclave.claims().rootFingerprint())
                        .with("evidence", enclave.evidenceDigest())
                        .with("measurement", NodeClaims.measurement(enclave.claims()))
                        .with("chip", NodeClaims.chip(enclave.claims()))
                        .with("kem-key", Digest.sha256(enclave.value().kemSpki()))
                        .with("tls-key", Digest.sha256(enclave.value().tlsSpki()))
                        .with("posture", request.posture())
                        .with(
                                NOT_AFTER,
                                office.notAfter(clock.instant(), good.policies()).toEpochMilli());
        stillGood.requireNotRevoked(decision);
        return NodeClaims.recorded(decision, enclave.claims());
    }

    private static Decision describe(String type, Principal caller, LeaseRequest request) {
        HexFormat hex = HexFormat.of();
        return Decision.of(type, caller.uri(), request.model().tenant().value())
                .with("model", request.model())
                .with("version-id", request.versionId())
                .with("manifest", request.manifestDigest())
                .with("boot-id", hex.formatHex(request.bootId()))
                .with("nonce", hex.formatHex(request.nonce()));
    }

    private Lease lease(LeaseRequest request, Appraisal.Good good, AuditReceipt receipt) {
        Attested<EnclaveKey> enclave = good.enclave();
        Transcript transcript = enclave.transcript();
        Instant issuedAt = receipt.record().time();
        return new Lease(
                request.nonce(),
                request.nodeNonce(),
                request.bootId(),
                Long.parseLong(receipt.record().fields().getOrDefault(LEASE_SEQ, "1")),
                good.version().model(),
                good.version().id(),
                good.version().number(),
                good.manifest().digest(),
                transcript.policies(),
                good.key().level(),
                good.key().kekVersion(),
                enclave.claims().tee(),
                enclave.claims().rootFingerprint(),
                Digest.sha256(enclave.value().kemSpki()),
                Digest.sha256(enclave.value().tlsSpki()),
                transcript.posture(),
                issuedAt,
                Instant.ofEpochMilli(
                        Long.parseLong(receipt.record().fields().getOrDefault(NOT_AFTER, "0"))),
                office.maxInferences(),
                receipt.leafIndex(),
                receipt.leafIndex());
    }
}

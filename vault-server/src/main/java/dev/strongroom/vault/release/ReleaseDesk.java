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
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.VaultConfig.Limits;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.FailureLimit;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditProof;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.BootTable;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.publish.PolicyDesk;
import dev.strongroom.vault.publish.PolicyDesk.InForce;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
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
    /** Names that a node's certificate carries: what is attested is its key, not its place. */
    private static final String RELEASE_FAILED = "release.failed"; // audit record type

    private static final String LEASE_SEQ = "lease-seq";

    private final AuditLog log;
    private final KeyCustodian custodian;
    private final StatementSigner signer;
    private final CertificateAuthority authority;
    private final Challenges challenges;
    private final Appraiser appraiser;
    private final PolicyDesk policyDesk;
    private final FailureLimit refusals;
    private final Limits limits;

    public ReleaseDesk(
            AuditLog log,
            KeyCustodian custodian,
            StatementSigner signer,
            CertificateAuthority authority,
            Challenges challenges,
            Appraiser appraiser,
            PolicyDesk policyDesk,
            FailureLimit refusals,
            Limits limits) {
        this.log = log;
        this.custodian = custodian;
        this.signer = signer;
        this.authority = authority;
        this.challenges = challenges;
        this.appraiser = appraiser;
        this.policyDesk = policyDesk;
        this.refusals = refusals;
        this.limits = limits;
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
            return refuse(caller, request, nonceRefusal(request.nonce()));
        }
        Appraisal appraisal = appraiser.appraise(request, notAfter.get());
        return switch (appraisal) {
            case Appraisal.Bad bad -> refuse(caller, request, bad);
            case Appraisal.Good good -> release(caller, request, good);
        };
    }

    private Appraisal.Bad nonceRefusal(byte[] nonce) {
        return challenges.isOfThisBoot(nonce)
                ? new Appraisal.Bad("nonce.unknown", "the nonce is not open; ask for a new one")
                : new Appraisal.Bad(
                        "nonce.stale", "the vault was restarted since; ask for a new nonce");
    }

    private ReleaseDecision.Refused refuse(
            Principal caller, LeaseRequest request, Appraisal.Bad bad) {
        AuditReceipt receipt =
                log.append(handle -> {
                    consume(handle, request.nonce());
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
            return refuse(caller, request, e.objection);
        }
        challenges.forget(request.nonce());
        FaultPoint.RELEASE_AUDITED.reached();
        WrappedKey.ForEnclave key = wrap(caller, request, good, receipt);
        Lease lease = lease(request, good, receipt);
        AuditProof proof = log.prove(receipt.leafIndex());
        return new ReleaseDecision.Released(
                receipt,
                sign(lease),
                key.bytes(),
                proof,
                log.consistency(
                        request.lastCheckpointSize(), proof.checkpoint().checkpoint().size()),
                certify(good, lease));
    }

    /** A release that was decided and then failed is written down as well. */
    private WrappedKey.ForEnclave wrap(
            Principal caller, LeaseRequest request, Appraisal.Good good, AuditReceipt receipt)
            throws CustodyException {
        try {
            return custodian.releaseTo(good.key(), good.enclave());
        } catch (CustodyException e) {
            log.append(
                    describe(RELEASE_FAILED, caller, request)
                            .with("release-leaf", receipt.leafIndex())
                            .with("reason", e.reason()));
            throw e;
        }
    }

    /** Something that the appraisal found in order is not any more. */
    private static final class Overtaken extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Appraisal.Bad objection;

        Overtaken(Appraisal.Bad objection) {
            this.objection = objection;
        }
    }

    /** Nonce, policies, lease number and record in one transaction. */
    private Decision decideRelease(
            Handle handle, Principal caller, LeaseRequest request, Appraisal.Good good)
            throws Overtaken {
        if (!consume(handle, request.nonce())) {
            throw new Overtaken(
                    new Appraisal.Bad("nonce.used", "the nonce was used; ask for a new one"));
        }
        requireSameSeal(handle, good);
        requireStillInForce(handle, good);
        Attested<EnclaveKey> enclave = good.enclave();
        return describe(AuditRecord.KEY_RELEASED, caller, request)
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
                .with("measurement", enclave.claims().values().getOrDefault("snp.measurement", ""))
                .with("kem-key", Digest.sha256(enclave.value().kemSpki()))
                .with("tls-key", Digest.sha256(enclave.value().tlsSpki()))
                .with("posture", request.posture());
    }

    /** A data key that was replaced meanwhile is not released any more. */
    private static void requireSameSeal(Handle handle, Appraisal.Good good) throws Overtaken {
        Version appraised = good.version();
        boolean same =
                VersionTable.find(handle, appraised.model(), appraised.id())
                        .filter(now -> now.manifestDigest().equals(appraised.manifestDigest()))
                        .isPresent();
        if (!same) {
            throw new Overtaken(
                    new Appraisal.Bad(
                            "version.resealed",
                            "the version was sealed anew meanwhile; fetch its manifest and ask"
                                    + " again"));
        }
    }

    /** Appraising takes a while; what the owner set meanwhile counts. */
    private void requireStillInForce(Handle handle, Appraisal.Good good) throws Overtaken {
        InForce now;
        try {
            now = policyDesk.inForce(handle, good.manifest());
        } catch (RefusedException e) {
            throw new Overtaken(Appraiser.refusal(e));
        }
        if (!now.references().equals(good.policies().references())) {
            throw new Overtaken(
                    new Appraisal.Bad(
                            "policy.superseded",
                            "the owner set another policy meanwhile; fetch them and ask again"));
        }
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

    private boolean consume(Handle handle, byte[] nonce) {
        return BootTable.consumeNonce(handle, Challenges.name(nonce), challenges.bootEpoch());
    }

    private Lease lease(LeaseRequest request, Appraisal.Good good, AuditReceipt receipt) {
        Attested<EnclaveKey> enclave = good.enclave();
        Transcript transcript = enclave.transcript();
        Instant issuedAt = receipt.record().time();
        return new Lease(
                request.nonce(),
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
                notAfter(issuedAt, good),
                limits.leaseInferences(),
                receipt.leafIndex());
    }

    /** A lease never outlives the policies it was given under. */
    private Instant notAfter(Instant issuedAt, Appraisal.Good good) {
        Instant end = issuedAt.plus(limits.lease());
        Instant release = good.policies().release().document().notAfter();
        Instant output = good.policies().output().document().notAfter();
        Instant policies = release.isBefore(output) ? release : output;
        return end.isBefore(policies) ? end : policies;
    }

    private byte[] sign(Lease lease) throws RefusedException {
        try {
            return lease.sign(signer).encode();
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign the lease; ask again with a new nonce",
                    e);
        }
    }

    /**
     * The last name is for clients that check nothing but the CA and a name: asked for, it tells
     * one tenant's nodes from another's. It is never resolved; the top-level domain is reserved.
     */
    private static List<String> nodeHosts(TenantName tenant) {
        return List.of("localhost", "127.0.0.1", tenant + ".node.strongroom.internal");
    }

    private List<X509Certificate> certify(Appraisal.Good good, Lease lease)
            throws RefusedException {
        X509Certificate leaf =
                authority.issueServer(
                        "node",
                        good.enclave().value().tlsSpki(),
                        lease.notAfter(),
                        nodeHosts(lease.model().tenant()));
        return List.of(leaf, authority.certificate());
    }
}

package dev.strongroom.vault.release;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.AttestedName;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.VaultConfig.Limits;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditProof;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.BootTable;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.publish.InForce;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * What every lease gets, released or renewed: its record, its limits, the vault's signature and a
 * certificate for the node's TLS key until its end.
 *
 * <p>Thread-safe.
 */
public final class LeaseOffice {
    private static final String LEASE_SEQ = "lease-seq";

    private final AuditLog log;
    private final OwnKeys ownKeys;
    private final ResultOffice results;
    private final CertificateAuthority authority;
    private final Limits limits;
    private final InstantSource clock;

    public LeaseOffice(
            AuditLog log,
            OwnKeys ownKeys,
            ResultOffice results,
            CertificateAuthority authority,
            Limits limits,
            InstantSource clock) {
        this.log = log;
        this.ownKeys = ownKeys;
        this.results = results;
        this.authority = authority;
        this.limits = limits;
        this.clock = clock;
    }

    /** What is written down of every request, whatever came of it. */
    static Decision describe(String type, Principal caller, NodeRequest request) {
        HexFormat hex = HexFormat.of();
        return Decision.of(type, caller.uri(), request.model().tenant().value())
                .with("model", request.model())
                .with("version-id", request.versionId())
                .with("manifest", request.manifestDigest())
                .with("boot-id", hex.formatHex(request.bootId()))
                .with("nonce", hex.formatHex(request.nonce()))
                .with(ReleaseRecord.CO_OWNERS, coOwners(request));
    }

    /** As it says; where a lease is given, its evidence bore it out. */
    private static String coOwners(NodeRequest request) {
        return String.join(",", request.coOwners().stream().map(Digest::hex).toList());
    }

    /** What is written down of every lease. */
    Decision describe(Handle handle, String type, Principal caller, Appraisal.Passed good) {
        Claims claims = good.node().claims();
        NodeRequest request = good.request();
        return ResultOffice.describe(describe(type, caller, request), good.vector())
                .with("number", good.version().number())
                .with("owner", good.manifest().content().ownerId())
                .with(LEASE_SEQ, BootTable.nextLease(handle, request.bootId()))
                .with("release-policy", good.policies().release().reference().digest())
                .with("output-policy", good.policies().output().reference().digest())
                .with("tee", claims.tee().label())
                .with("attestation-root", claims.rootFingerprint())
                .with("evidence", good.node().evidenceDigest())
                .with("measurement", claims.measurement())
                .with("chip", claims.chip())
                .with("tls-key", Digest.sha256(request.tlsSpki()))
                .with("posture", request.posture().name())
                .with(ReleaseRecord.NOT_AFTER, notAfter(good.policies()).toEpochMilli())
                .with(ReleaseRecord.MAX_INFERENCES, inferences(good.policies()));
    }

    /** A lease never allows more inferences than the owner lets a node answer rows. */
    private long inferences(InForce policies) {
        try {
            long most = policies.rules().caps().inferencesPerLease();
            return Math.min(limits.leaseInferences(), most);
        } catch (RefusedException e) {
            throw new IllegalStateException("an appraisal was good without reading it", e);
        }
    }

    /** A lease never outlives the policies it was given under. */
    private Instant notAfter(InForce policies) {
        Instant end = clock.instant().plus(limits.lease());
        Instant release = policies.release().document().notAfter();
        Instant output = policies.output().document().notAfter();
        Instant both = release.isBefore(output) ? release : output;
        return end.isBefore(both) ? end : both;
    }

    /** The lease that the record speaks of, with what a node needs to believe it. */
    LeaseDecision.Granted grant(Appraisal.Passed good, AuditReceipt receipt, AuditProof proof)
            throws RefusedException {
        Lease lease = lease(good, receipt);
        return new LeaseDecision.Granted(
                receipt,
                sign(lease),
                results.token(receipt.record().fields(), receipt.leafIndex()),
                proof,
                log.consistency(
                        good.request().lastCheckpointSize(),
                        proof.checkpoint().checkpoint().size()),
                certify(good.request().tlsSpki(), lease));
    }

    /** Every limit is the record's, so that nobody can be shown another one. */
    private static Lease lease(Appraisal.Passed good, AuditReceipt receipt) {
        Map<String, String> fields = receipt.record().fields();
        NodeRequest request = good.request();
        Attested<?> node = good.node();
        return new Lease(
                request.nonce(),
                request.nodeNonce(),
                request.bootId(),
                number(fields, LEASE_SEQ),
                good.version().model(),
                good.version().id(),
                good.version().number(),
                good.manifest().digest(),
                node.transcript().policies(),
                TrustLevel.valueOf(fields.getOrDefault("trust-level", "")),
                (int) number(fields, "kek"),
                node.claims().tee(),
                node.claims().rootFingerprint(),
                new Digest(fields.getOrDefault("kem-key", "")),
                Digest.sha256(request.tlsSpki()),
                node.transcript().posture(),
                receipt.record().time(),
                Instant.ofEpochMilli(number(fields, ReleaseRecord.NOT_AFTER)),
                number(fields, ReleaseRecord.MAX_INFERENCES),
                fields.containsKey(ReleaseRecord.RELEASE_LEAF)
                        ? number(fields, ReleaseRecord.RELEASE_LEAF)
                        : receipt.leafIndex(),
                receipt.leafIndex());
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(fields.getOrDefault(name, ""));
    }

    private byte[] sign(Lease lease) throws RefusedException {
        try {
            return lease.sign(ownKeys.signing()).encode();
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign the lease; ask again with a new nonce",
                    e);
        }
    }

    /** Certificate of the node's TLS key, and what leads from it to every CA that counts. */
    private List<X509Certificate> certify(byte[] tlsSpki, Lease lease) throws RefusedException {
        X509Certificate leaf =
                authority.issueServer(
                        "node", tlsSpki, lease.notAfter(), nodeHosts(lease.model().tenant()));
        return authority.chain(leaf);
    }

    /**
     * The third name is for clients that check nothing but the CA and a name: asked for, it tells
     * one tenant's nodes from another's. It is never resolved; the top-level domain is reserved.
     * The last one is asked for by clients who want evidence in the certificate, of nodes whose
     * evidence is too large for one.
     */
    private static List<String> nodeHosts(TenantName tenant) {
        return List.of(
                "localhost",
                "127.0.0.1",
                tenant + ".node.strongroom.internal",
                AttestedName.of(tenant));
    }
}

package dev.strongroom.client;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Challenge;
import dev.strongroom.attestation.CollateralFolder;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.RuleOutcome;
import dev.strongroom.attestation.ServingKey;
import dev.strongroom.attestation.ServingNonce;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.Verdict;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.client.NodeProof.Binding;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.NonceBatch;
import dev.strongroom.proto.v1.Standing;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether a node may be sent anything. The order is that of trust: the vault's identity
 * under the pin, the owner's manifest and policies under the pinned owner, the vault's lease, the
 * evidence over all of that and the TLS key of this very channel, and last the log.
 */
final class NodeVerifier {
    private static final Duration ANSWER_TIME = Duration.ofMinutes(1); // hardware takes seconds
    static final String NEXT = "do not send data to this node; ask its operator";

    private final NodeTarget target;
    private final TrustAnchors anchors;
    private final InstantSource clock;
    private final ConsistencyProofs proofs;

    NodeVerifier(
            NodeTarget target,
            TrustAnchors anchors,
            InstantSource clock,
            ConsistencyProofs proofs) {
        this.target = target;
        this.anchors = anchors;
        this.clock = clock;
        this.proofs = proofs;
    }

    /**
     * @param nonce the one that this caller sent
     * @param asked when it was sent
     * @param peerSpki the key that the TLS peer showed
     */
    NodeProof verify(GetEvidenceResponse answer, byte[] nonce, Instant asked, byte[] peerSpki)
            throws ClientException, IOException {
        return conclude(
                judge(
                        answer,
                        new Freshness.Asked(ServingNonce.onPeerKey(nonce), asked, Binding.PEER_KEY),
                        peerSpki),
                answer.getStanding());
    }

    /** Everything held but what may have changed since: the log, and the lease's standing. */
    record Judged(
            Attested<ServingKey> attested,
            Lease lease,
            Freshness freshness,
            SignedCheckpoint checkpoint,
            VaultIdentity vault) {
        Instant evidenceNotBefore() {
            return freshness.notBefore(lease.issuedAt());
        }
    }

    /**
     * What a node has proven, when the vault's word on its lease is young and the log continues the
     * one that was seen. May ask the vault for proofs.
     *
     * @param standing as the node shows it now
     */
    NodeProof conclude(Judged judged, Standing standing) throws ClientException, IOException {
        Lease lease = judged.lease();
        Instant notRevokedAt = standing(standing, lease);
        new LogMemory(target.profile())
                .accept(judged.checkpoint(), LogMemory.Age.ANY, judged.vault(), proofs);
        return new NodeProof(
                judged.attested(),
                target.model(),
                lease.versionNumber(),
                lease.manifestDigest(),
                lease.auditLeaf(),
                lease.notAfter(),
                judged.freshness().binding(),
                judged.evidenceNotBefore(),
                notRevokedAt);
    }

    /** Judges all that can be judged without asking anybody. */
    Judged judge(GetEvidenceResponse answer, Freshness freshness, byte[] peerSpki)
            throws ClientException, IOException {
        IdentityMemory.Shown identity =
                new IdentityMemory(target.profile())
                        .shown(answer.getVaultIdentity().toByteArray(), target.pin(), anchors);
        VaultIdentity vault = identity.newest();
        new World(target.profile()).stay(anchors.fingerprint());
        VerifiedManifest manifest = manifest(answer);
        ServedPolicies policies = ServedPolicies.of(answer, target, manifest, clock.instant());
        Lease lease =
                new LeaseCheck(target, anchors, clock)
                        .verify(answer, vault, manifest, policies, peerSpki);
        Checks.require(
                MessageDigest.isEqual(answer.getTlsSpki().toByteArray(), peerSpki),
                "the TLS peer's key is not the one that the node attests",
                "somebody may be between this machine and the node; " + NEXT);
        NodeOwners owners = owners(answer, manifest, policies);
        var transcript =
                new Transcript(
                        Role.SERVE,
                        spokenFor(answer, freshness),
                        new byte[0],
                        peerSpki,
                        identity.shown().signingKeyId(),
                        owners,
                        target.model().tenant().value(),
                        manifest.digest(),
                        policies.references(),
                        lease.posture(),
                        lease.bootId());
        Attested<ServingKey> attested =
                judge(evidence(answer), Challenge.serve(transcript, answerBy(freshness)), policies);
        Checks.require(
                lease.rootFingerprint().equals(attested.claims().rootFingerprint()),
                "the lease was given for evidence under another root",
                NEXT);
        SignedCheckpoint checkpoint = verifyRelease(answer, lease, owners, policies, vault);
        return new Judged(attested, lease, freshness, checkpoint, vault);
    }

    private Instant answerBy(Freshness freshness) {
        return switch (freshness) {
            case Freshness.Asked asked -> asked.at().plus(ANSWER_TIME);
            case Freshness.AfterLease _ ->
                    clock.instant().plus(ANSWER_TIME); // the lease's end bounds it
        };
    }

    /** When the vault last said that the lease is not revoked. */
    private Instant standing(Standing standing, Lease lease) throws ClientException, IOException {
        Checks.require(
                !standing.getNotice().isEmpty(),
                "the node shows no word of the vault's that its lease is not revoked",
                NEXT);
        VaultIdentity vault =
                new IdentityMemory(target.profile())
                        .shown(standing.getVaultIdentity().toByteArray(), target.pin(), anchors)
                        .newest();
        Notice notice =
                Checks.verified(
                        "the vault's last word to the node",
                        NEXT,
                        () ->
                                Notice.verify(
                                        Dsse.decode(standing.getNotice().toByteArray()),
                                        vault.signingSpki()));
        Checks.require(
                MessageDigest.isEqual(notice.bootId(), lease.bootId())
                        && notice.message() instanceof Notice.Tick,
                "the vault's last word is not that this node's lease is in order",
                NEXT);
        Checks.require(
                Freshness.isWithin(target.standingMaxAge(), notice.time(), clock.instant()),
                "the vault last said at "
                        + notice.time()
                        + " that the node's lease is not revoked; expected at most "
                        + target.standingMaxAge().toSeconds()
                        + " s ago",
                "the node may be cut off from the vault; ask another node, or accept older words");
        return notice.time();
    }

    /** What evidence must speak for in the place of a nonce, to be as fresh as it should be. */
    private static byte[] spokenFor(GetEvidenceResponse answer, Freshness freshness)
            throws ClientException {
        return switch (freshness) {
            case Freshness.Asked asked -> batchRoot(answer.getBatch(), asked.nonce());
            case Freshness.AfterLease _ -> ServingNonce.afterLease(answer.getLease().toByteArray());
        };
    }

    /** What the evidence speaks for in the place of the nonce: a batch that has it as a leaf. */
    private static byte[] batchRoot(NonceBatch batch, byte[] nonce) throws ClientException {
        return Checks.verified(
                "the batch of nonces that the node answers",
                NEXT,
                () -> {
                    List<Digest> path =
                            batch.getPathList().stream()
                                    .map(hash -> Digest.of(hash.toByteArray()))
                                    .toList();
                    Digest root = Digest.of(batch.getRoot().toByteArray());
                    if (!dev.strongroom.crypto.transparency.NonceBatch.contains(
                            nonce, batch.getIndex(), batch.getSize(), path, root)) {
                        throw new IllegalArgumentException("this caller's nonce is not in it");
                    }
                    return root.bytes();
                });
    }

    private VerifiedManifest manifest(GetEvidenceResponse answer)
            throws ClientException, IOException {
        Digest owner = target.profile().requireOwner();
        VerifiedManifest manifest =
                Checks.verified(
                        "the manifest that the node serves",
                        NEXT,
                        () ->
                                Manifest.decode(answer.getManifest().toByteArray())
                                        .verify(owner, verifier()));
        Checks.require(
                manifest.content().model().equals(target.model()),
                "the node serves " + manifest.content().model() + ", not " + target.model(),
                "name the model that the node serves, or another node");
        return manifest;
    }

    /**
     * Whose models the node may hold, which its evidence has to bear out. The owner's own policy
     * has to allow it whatever the caller demands beside.
     */
    private static NodeOwners owners(
            GetEvidenceResponse answer, VerifiedManifest manifest, ServedPolicies policies)
            throws ClientException {
        NodeOwners owners =
                Checks.verified(
                        "the list of the node's owners",
                        NEXT,
                        () ->
                                new NodeOwners(
                                        manifest.content().ownerId(),
                                        answer.getCoOwnersList().stream()
                                                .map(id -> Digest.of(id.toByteArray()))
                                                .toList()));
        if (!owners.others().isEmpty()) {
            RuleOutcome allowed = policies.releaseRules().judge(owners);
            Checks.require(
                    !allowed.hasFailed(),
                    "the node is refused by rule "
                            + allowed.rule()
                            + " of the owner's release policy: "
                            + allowed.expected(),
                    NEXT);
        }
        return owners;
    }

    private Attested<ServingKey> judge(
            Evidence evidence, Challenge<ServingKey> challenge, ServedPolicies policies)
            throws ClientException {
        ReleasePolicy policy =
                target.policy().isPresent() ? target.policy().get() : policies.releaseRules();
        return switch (verifier().verify(evidence, challenge, policy)) {
            case Verdict.Trusted<ServingKey>(Attested<ServingKey> attested) -> attested;
            case Verdict.Refused<ServingKey>(String rule, String reason) ->
                    throw ClientException.unverified(
                            "the node's evidence was refused by rule " + rule + ": " + reason,
                            NEXT);
        };
    }

    private EvidenceVerifier verifier() {
        return new EvidenceVerifier(
                anchors, CollateralFolder.inside(target.profile().folder()), clock);
    }

    private static Evidence evidence(GetEvidenceResponse answer) throws ClientException {
        return Checks.verified(
                "the node's evidence",
                NEXT,
                () -> Evidence.decode(answer.getEvidence().toByteArray()));
    }

    /** The release of this key is in the log, under a checkpoint of the witnesses demanded. */
    private SignedCheckpoint verifyRelease(
            GetEvidenceResponse answer,
            Lease lease,
            NodeOwners owners,
            ServedPolicies policies,
            VaultIdentity vault)
            throws ClientException, IOException {
        Proofs.ProvenLeaf leaf = Proofs.inclusion(answer.getReleaseProof(), vault);
        Proofs.requireWitnesses(leaf.checkpoint(), policies.witnesses());
        Checks.require(
                leaf.index() == lease.auditLeaf(),
                "the log's leaf is not the one that the lease names",
                NEXT);
        Optional<String> objection = ReleaseRecord.objection(leaf.record(), lease, owners);
        if (objection.isPresent()) {
            throw ClientException.unverified(
                    "the log's leaf does not speak of this release: " + objection.get(), NEXT);
        }
        return leaf.checkpoint();
    }
}

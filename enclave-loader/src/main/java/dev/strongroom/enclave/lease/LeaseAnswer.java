package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.AttestationResult;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.crypto.format.ResultToken;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleProofs;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.RenewLeaseResponse;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Compares the vault's answer with the question: lease, release record, its place in the log, the
 * log's continuity and the TLS certificate. Nothing is opened before all of it holds.
 */
final class LeaseAnswer {
    private final Question question;
    private final Transcript asked;
    private final Version version;
    private final VaultIdentity vault;
    private final TrustAnchors anchors;

    /** What held; nothing else makes one. */
    record Checked(
            Lease lease,
            SignedCheckpoint checkpoint,
            List<X509Certificate> tlsChain,
            String resultToken) {}

    /** What the vault said, unverified. */
    record Said(
            ByteString lease,
            InclusionProof proof,
            List<ByteString> consistency,
            List<ByteString> tlsChain,
            String resultToken) {
        static Said of(RequestLeaseResponse answer) {
            return new Said(
                    answer.getLease(),
                    answer.getProof(),
                    answer.getConsistencyList(),
                    answer.getTlsChainList(),
                    answer.getResultToken());
        }

        static Said of(RenewLeaseResponse answer) {
            return new Said(
                    answer.getLease(),
                    answer.getProof(),
                    answer.getConsistencyList(),
                    answer.getTlsChainList(),
                    answer.getResultToken());
        }
    }

    LeaseAnswer(Question question, Version version, VaultIdentity vault, TrustAnchors anchors) {
        this.question = question;
        this.asked = question.transcript();
        this.version = version;
        this.vault = vault;
        this.anchors = anchors;
    }

    /**
     * Checks everything, cheapest first.
     *
     * @param remembered the last checkpoint this node saw
     * @param now by this node's clock
     * @throws LeaseException INTEGRITY, naming what does not answer the question
     */
    Checked check(Said said, Optional<Checkpoint> remembered, Instant now) throws LeaseException {
        Lease lease =
                Integrity.verified(
                        "lease",
                        () ->
                                Lease.verify(
                                        Dsse.decode(said.lease().toByteArray()),
                                        vault.signingSpki()));
        requireAnswers(lease, now);
        SignedCheckpoint checkpoint = requireLogged(said.proof(), lease);
        requireContinues(checkpoint.checkpoint(), remembered, said.consistency());
        requireResult(said.resultToken(), lease);
        List<X509Certificate> tlsChain =
                IssuedChain.check(said.tlsChain(), asked.tlsSpki(), vault, now);
        return new Checked(lease, checkpoint, tlsChain, said.resultToken());
    }

    private void requireAnswers(Lease lease, Instant now) throws LeaseException {
        requireField("nonce", Arrays.equals(lease.nonce(), asked.nonce()));
        requireField("node nonce", Arrays.equals(lease.nodeNonce(), question.nodeNonce()));
        requireField("boot id", Arrays.equals(lease.bootId(), asked.bootId()));
        requireField("model", lease.model().equals(version.manifest().content().model()));
        requireField(
                "version id", lease.versionId().equals(version.manifest().content().versionId()));
        requireField("version number", lease.versionNumber() == version.number());
        requireField("manifest digest", lease.manifestDigest().equals(asked.manifestDigest()));
        requireField("policies", lease.policies().equals(asked.policies()));
        requireField("tee", anchors.accepts(lease.tee()) && vault.tee() == anchors.tee());
        requireField("attestation root", anchors.believes(lease.rootFingerprint()));
        requireField("trust level", lease.trustLevel() == vault.level());
        requireAllowed(lease);
        requireField("release key", lease.kemKeyDigest().equals(question.kemKey()));
        requireField("TLS key", lease.tlsKeyDigest().equals(Digest.sha256(asked.tlsSpki())));
        requireField("posture", lease.posture() == asked.posture());
        requireField(
                "time",
                lease.issuedAt().isBefore(lease.notAfter()) && now.isBefore(lease.notAfter()));
        requireField("end", !lease.notAfter().isAfter(version.notAfter()));
        long most = Integrity.verified("output policy", version::maxInferences);
        requireField("count", lease.maxInferences() > 0 && lease.maxInferences() <= most);
        requireFollows(lease);
    }

    /** The owner's demand, whatever the vault made of it. */
    private void requireAllowed(Lease lease) throws LeaseException {
        ReleasePolicy rules = Integrity.verified("release policy", version::releaseRules);
        Optional<String> objection =
                rules.objectionTo(lease.trustLevel())
                        .or(() -> rules.objectionTo(lease.versionNumber()));
        Integrity.require(
                objection.isEmpty(), "lease: " + objection.orElse("it is what the owner demands"));
    }

    /** A renewal takes the place of the lease that was renewed, and of no other. */
    private void requireFollows(Lease lease) throws LeaseException {
        if (question.before().isEmpty()) {
            requireField("release leaf", !lease.isRenewal());
            return;
        }
        Lease before = question.before().get();
        requireField("release leaf", lease.releaseLeaf() == before.releaseLeaf());
        requireField(
                "place in the log",
                lease.auditLeaf() > before.auditLeaf() && lease.seq() > before.seq());
        requireField("start", !lease.issuedAt().isBefore(before.issuedAt()));
    }

    /** What others will be shown about this node is about this very lease. */
    private void requireResult(String token, Lease lease) throws LeaseException {
        AttestationResult result =
                Integrity.verified(
                        "result token",
                        () ->
                                ResultToken.verify(
                                        token,
                                        vault,
                                        lease.issuedAt(),
                                        new ResultToken.Demand(
                                                Optional.of(lease.model()),
                                                Optional.of(lease.bootId()),
                                                Optional.of(lease.tlsKeyDigest()),
                                                Optional.of(lease.nonce()))));
        Integrity.require(
                result.auditLeaf() == lease.auditLeaf() && result.owners().equals(asked.owners()),
                "result token: it is of another lease");
    }

    private static void requireField(String field, boolean matches) throws LeaseException {
        Integrity.require(matches, "lease: its " + field + " does not answer what was asked");
    }

    /** The release is in the log, and the record in the log is of this very release. */
    private SignedCheckpoint requireLogged(InclusionProof proof, Lease lease)
            throws LeaseException {
        Integrity.require(
                proof.getLeafIndex() == lease.auditLeaf(),
                "release proof: it is of another leaf than the lease names");
        WitnessQuorum witnesses = Integrity.verified("release policy", version::witnesses);
        LoggedRecord logged = LoggedRecord.of("release", proof, vault, witnesses);
        Optional<String> objection =
                ReleaseRecord.objection(logged.record(), lease, asked.owners());
        Integrity.require(
                objection.isEmpty(), "release record: " + objection.orElse("it is this release"));
        return logged.checkpoint();
    }

    /** The log only ever grows: what this node saw before is still its beginning. */
    private static void requireContinues(
            Checkpoint now, Optional<Checkpoint> remembered, List<ByteString> path)
            throws LeaseException {
        if (remembered.isEmpty()) {
            return;
        }
        Checkpoint before = remembered.get();
        Integrity.require(
                now.size() >= before.size(),
                "log: it had %d records when this node last saw it and has %d now: the vault was rolled back"
                        .formatted(before.size(), now.size()));
        Integrity.require(
                MerkleProofs.verifyConsistency(
                        before.size(),
                        before.root(),
                        now.size(),
                        now.root(),
                        LoggedRecord.path(path)),
                "log: it does not continue the one this node last saw: the vault was rolled back"
                        + " or shows two histories");
    }
}

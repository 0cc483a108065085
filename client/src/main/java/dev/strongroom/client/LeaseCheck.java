package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Optional;

/** Whether the vault's lease is this node's, for this version and under the owner's policies. */
record LeaseCheck(NodeTarget target, TrustAnchors anchors, InstantSource clock) {
    /**
     * Holds a node's lease against all that the node shows beside it.
     *
     * @param vault under the pin
     * @param peerSpki the key that the TLS peer showed
     */
    Lease verify(
            GetEvidenceResponse answer,
            VaultIdentity vault,
            VerifiedManifest manifest,
            ServedPolicies policies,
            byte[] peerSpki)
            throws ClientException {
        Lease lease =
                Checks.verified(
                        "the node's lease",
                        NodeVerifier.NEXT,
                        () -> Lease.verify(Dsse.decode(answer.getLease().toByteArray()), vault));
        requireLease(
                lease.manifestDigest().equals(manifest.digest())
                        && lease.model().equals(target.model())
                        && lease.versionId().equals(manifest.content().versionId()),
                "is for another version");
        requireLease(
                MessageDigest.isEqual(lease.bootId(), answer.getBootId().toByteArray())
                        && lease.posture().level() == answer.getPosture(),
                "is of another boot of the node");
        requireLease(
                lease.tlsKeyDigest().equals(Digest.sha256(peerSpki)), "is for another TLS key");
        requireLease(lease.policies().equals(policies.references()), "is under other policies");
        requireLease(
                !lease.notAfter().isAfter(policies.notAfter()),
                "goes on after the owner's policies end");
        requireLease(
                lease.maxInferences() <= policies.maxInferences(),
                "allows more inferences than the owner's output policy");
        requireAllowed(lease, policies.releaseRules());
        if (target.policy().isPresent()) {
            requireAllowed(lease, target.policy().get());
        }
        requireLease(anchors.accepts(lease.tee()), "is of another world");
        requireLease(clock.instant().isBefore(lease.notAfter()), "ended at " + lease.notAfter());
        if (!target.version().accepts(lease.versionNumber())) {
            throw ClientException.unverified(
                    "the node serves version "
                            + lease.versionNumber()
                            + ", wanted "
                            + target.version(),
                    "ask another node, or accept this version");
        }
        return lease;
    }

    private static void requireAllowed(Lease lease, ReleasePolicy policy) throws ClientException {
        Optional<String> objection =
                policy.objectionTo(lease.trustLevel())
                        .or(() -> policy.objectionTo(lease.versionNumber()));
        requireLease(objection.isEmpty(), "is refused: " + objection.orElse(""));
    }

    private static void requireLease(boolean condition, String otherwise) throws ClientException {
        Checks.require(condition, "the node's lease " + otherwise, NodeVerifier.NEXT);
    }
}

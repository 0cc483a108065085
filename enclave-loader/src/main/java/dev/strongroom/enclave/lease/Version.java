package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.RuleOutcome;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.Policies;
import dev.strongroom.proto.v1.PolicyRevision;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A version and its policies as the owner signed them.
 *
 * @param manifest verified to the owner root
 * @param number what the vault calls it; a name, not a proof
 * @param release policy in force
 * @param output policy in force
 * @param policies the signed originals
 */
public record Version(
        VerifiedManifest manifest,
        long number,
        VerifiedPolicy release,
        VerifiedPolicy output,
        Policies policies) {

    /**
     * Verifies what the vault sent.
     *
     * @param ownerId from this node's launch-measured host data
     * @param wanted 0 is any number
     * @param verifier of the node that sealed, where it was not the owner
     */
    static Version verify(
            GetVersionResponse answer,
            Digest ownerId,
            ModelName model,
            long wanted,
            NodeMemory memory,
            EvidenceVerifier verifier,
            Instant now)
            throws LeaseException, IOException {
        VerifiedManifest manifest =
                Integrity.verified(
                        "manifest of " + model,
                        () ->
                                Manifest.decode(answer.getManifest().toByteArray())
                                        .verify(ownerId, verifier));
        ContentStatement content = manifest.content();
        Integrity.require(
                content.model().equals(model),
                "manifest: expected model " + model + ", got " + content.model());
        Integrity.require(
                answer.getNumber() > 0 && (wanted == 0 || wanted == answer.getNumber()),
                "version: expected number " + wanted + ", got " + answer.getNumber());
        PolicyChain releases = releases(answer.getPolicies(), manifest, ownerId);
        VerifiedPolicy release = releases.inForce();
        VerifiedPolicy output = output(answer.getPolicies(), manifest, ownerId);
        requireRules(release, PolicyReference.Kind.RELEASE, model, content.releasePolicy(), now);
        requireRules(output, PolicyReference.Kind.OUTPUT, model, content.outputPolicy(), now);
        memory.requireSeal(manifest);
        memory.requireReleases(ownerId, releases);
        memory.requirePolicy(ownerId, output);
        return new Version(manifest, answer.getNumber(), release, output, answer.getPolicies());
    }

    /**
     * Refuses to be on this node unless the owner's policy names every one of his co-owners there.
     */
    void requireAllowed(NodeOwners owners) throws LeaseException {
        RuleOutcome judged = Integrity.verified("release policy", this::releaseRules).judge(owners);
        if (judged.hasFailed()) {
            throw new LeaseException(
                    LeaseException.Kind.DENIED,
                    "%s of %s: %s"
                            .formatted(
                                    judged.rule(), manifest.content().model(), judged.expected()));
        }
    }

    /** Release policy first. */
    List<PolicyReference> references() {
        return List.of(release.reference(), output.reference());
    }

    /** When the first of both policies ends, which no lease outlives. */
    Instant notAfter() {
        Instant ofRelease = release.document().notAfter();
        Instant ofOutput = output.document().notAfter();
        return ofRelease.isBefore(ofOutput) ? ofRelease : ofOutput;
    }

    /** The most inferences that the owner lets one lease allow. */
    long maxInferences() throws SealedFormatException {
        try {
            return OutputPolicy.parse(output.document().body()).caps().inferencesPerLease();
        } catch (OutputFormatException e) {
            throw new SealedFormatException(String.valueOf(e.getMessage()), e);
        }
    }

    /** What the owner demands before a key is released. */
    ReleasePolicy releaseRules() throws SealedFormatException {
        try {
            return ReleasePolicy.parse(release.document().body());
        } catch (PolicyFormatException e) {
            throw new SealedFormatException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Who must have cosigned the checkpoint under which this version's release is. */
    WitnessQuorum witnesses() throws SealedFormatException {
        return WitnessQuorum.of(release);
    }

    /** With the revisions before: who had to agree to a revision is written in those. */
    private static PolicyChain releases(
            Policies policies, VerifiedManifest manifest, Digest ownerId) throws LeaseException {
        requireSet("release policy", policies.getRelease(), manifest);
        var revisions = new ArrayList<PolicyChain.Revision>();
        for (PolicyRevision before : policies.getReleaseBeforeList()) {
            revisions.add(revision(before.getEnvelope(), before.getApprovals()));
        }
        revisions.add(revision(policies.getRelease(), policies.getReleaseApprovals()));
        return Integrity.verified(
                "release policy",
                () -> PolicyChain.verify(revisions, ownerId, manifest.manifest().ownerSpki()));
    }

    private static PolicyChain.Revision revision(ByteString envelope, ByteString approvals) {
        return new PolicyChain.Revision(envelope.toByteArray(), approvals.toByteArray());
    }

    private static VerifiedPolicy output(
            Policies policies, VerifiedManifest manifest, Digest ownerId) throws LeaseException {
        requireSet("output policy", policies.getOutput(), manifest);
        return Integrity.verified(
                "output policy",
                () ->
                        PolicyDocument.verify(
                                Dsse.decode(policies.getOutput().toByteArray()),
                                ownerId,
                                manifest.manifest().ownerSpki()));
    }

    private static void requireSet(String what, ByteString envelope, VerifiedManifest manifest)
            throws LeaseException {
        if (envelope.isEmpty()) {
            throw new LeaseException(
                    LeaseException.Kind.DENIED,
                    what
                            + " of "
                            + manifest.content().model()
                            + ": none is set; its owner sets it with: strongroom policy set");
        }
    }

    private static void requireRules(
            VerifiedPolicy policy,
            PolicyReference.Kind kind,
            ModelName model,
            PolicyDemand demand,
            Instant now)
            throws LeaseException {
        Optional<String> objection = policy.objection(kind, model, demand, now);
        if (objection.isPresent()) {
            throw new LeaseException(LeaseException.Kind.DENIED, objection.get());
        }
    }
}

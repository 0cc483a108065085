package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.Policies;
import java.io.IOException;
import java.time.Instant;
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
        VerifiedPolicy release =
                policy(
                        "release policy",
                        answer.getPolicies().getRelease().toByteArray(),
                        manifest,
                        ownerId);
        VerifiedPolicy output =
                policy(
                        "output policy",
                        answer.getPolicies().getOutput().toByteArray(),
                        manifest,
                        ownerId);
        requireRules(release, PolicyReference.Kind.RELEASE, model, content.releasePolicy(), now);
        requireRules(output, PolicyReference.Kind.OUTPUT, model, content.outputPolicy(), now);
        memory.requireSeal(manifest);
        memory.requirePolicy(release);
        memory.requirePolicy(output);
        return new Version(manifest, answer.getNumber(), release, output, answer.getPolicies());
    }

    /** Release policy first. */
    List<PolicyReference> references() {
        return List.of(release.reference(), output.reference());
    }

    private static VerifiedPolicy policy(
            String what, byte[] envelope, VerifiedManifest manifest, Digest ownerId)
            throws LeaseException {
        if (envelope.length == 0) {
            throw new LeaseException(
                    LeaseException.Kind.DENIED,
                    what
                            + " of "
                            + manifest.content().model()
                            + ": none is set; its owner sets it with: strongroom policy set");
        }
        return Integrity.verified(
                what,
                () ->
                        PolicyDocument.verify(
                                Dsse.decode(envelope), ownerId, manifest.manifest().ownerSpki()));
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

package dev.strongroom.client;

import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The owner's two policies that a node shows, each one that the version's manifest puts up with.
 * Immutable.
 */
record ServedPolicies(VerifiedPolicy release, VerifiedPolicy output) {
    private static final String SET_AGAIN =
            "ask the model's owner to set it again: strongroom policy set";

    /**
     * Checks what a node shows for the model that the caller asks for.
     *
     * @param now expired policies are refused
     */
    static ServedPolicies of(
            GetEvidenceResponse answer, NodeTarget target, VerifiedManifest manifest, Instant now)
            throws ClientException, IOException {
        ContentStatement content = manifest.content();
        Policies policies =
                Policies.verify(
                        answer.getPolicies(),
                        target.model(),
                        content.ownerId(),
                        manifest.manifest().ownerSpki(),
                        target.profile());
        return new ServedPolicies(
                demanded(policies.release(), Kind.RELEASE, content.releasePolicy(), target, now),
                demanded(policies.output(), Kind.OUTPUT, content.outputPolicy(), target, now));
    }

    private static VerifiedPolicy demanded(
            Optional<VerifiedPolicy> policy,
            Kind kind,
            PolicyDemand demand,
            NodeTarget target,
            Instant now)
            throws ClientException {
        if (policy.isEmpty()) {
            throw ClientException.unverified(
                    "the node shows no " + Policies.name(kind) + " policy", NodeVerifier.NEXT);
        }
        Optional<String> objection = policy.get().objection(kind, target.model(), demand, now);
        if (objection.isPresent()) {
            throw ClientException.unverified(
                    "the node's " + Policies.name(kind) + " policy: " + objection.get(), SET_AGAIN);
        }
        return policy.get();
    }

    /** Which ones they are, in the order of a transcript. */
    List<PolicyReference> references() {
        return List.of(release.reference(), output.reference());
    }

    /** When the first of them ends. */
    Instant notAfter() {
        Instant ofRelease = release.document().notAfter();
        Instant ofOutput = output.document().notAfter();
        return ofRelease.isBefore(ofOutput) ? ofRelease : ofOutput;
    }

    ReleasePolicy releaseRules() throws ClientException {
        try {
            return ReleasePolicy.parse(release.document().body());
        } catch (PolicyFormatException e) {
            throw new ClientException(
                    ClientException.Kind.VERIFICATION_FAILED,
                    "the owner's release policy cannot be read: " + e.getMessage(),
                    "give your own with --policy, or ask the model's owner",
                    e);
        }
    }

    /** The witnesses under whose eyes a release must be in the log. */
    WitnessQuorum witnesses() throws ClientException {
        return Checks.verified(
                "the owner's release policy", SET_AGAIN, () -> WitnessQuorum.of(release));
    }

    /** Inferences that a lease may allow at most. */
    long maxInferences() throws ClientException {
        return Checks.verified(
                "the owner's output policy",
                SET_AGAIN,
                () -> {
                    try {
                        return OutputPolicy.parse(output.document().body())
                                .caps()
                                .inferencesPerLease();
                    } catch (OutputFormatException e) {
                        throw new SealedFormatException(String.valueOf(e.getMessage()), e);
                    }
                });
    }
}

package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import dev.strongroom.proto.v1.PolicyRevision;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;

/**
 * The policies in force for a model, verified against an owner.
 *
 * @param releases with the revisions before; empty when none has been set
 * @param output empty when none has been set
 */
record Policies(Optional<PolicyChain> releases, Optional<VerifiedPolicy> output) {
    private static final String NEXT = "ask the model's owner to set the policy again";

    /** Asks the vault and verifies signatures, scopes and revisions. */
    static Policies fetch(VaultConnection vault, ModelName model, Digest owner, byte[] ownerSpki)
            throws ClientException, IOException {
        return verify(unverified(vault, model), model, owner, ownerSpki, vault.profile());
    }

    private static dev.strongroom.proto.v1.Policies unverified(
            VaultConnection vault, ModelName model) {
        var request = GetPoliciesRequest.newBuilder().setModel(model.toString()).build();
        try {
            return vault.models().getPolicies(request).getPolicies();
        } catch (StatusRuntimeException e) {
            if (RemoteReason.of(e).equals(Optional.of("POLICY_NOT_FOUND"))) {
                return dev.strongroom.proto.v1.Policies.getDefaultInstance();
            }
            throw e;
        }
    }

    static Policies verify(
            dev.strongroom.proto.v1.Policies unverified,
            ModelName model,
            Digest owner,
            byte[] ownerSpki,
            Profile profile)
            throws ClientException, IOException {
        var memory = new PolicyMemory(profile);
        Optional<PolicyChain> releases = releases(unverified, model, owner, ownerSpki);
        Optional<VerifiedPolicy> output = output(unverified, model, owner, ownerSpki);
        if (releases.isPresent()) {
            memory.accept(releases.get());
        }
        if (output.isPresent()) {
            memory.accept(output.get());
        }
        return new Policies(releases, output);
    }

    /** The release policy in force. */
    Optional<VerifiedPolicy> release() {
        return releases.map(PolicyChain::inForce);
    }

    /** With the revisions before: who had to agree to a revision is written in those. */
    private static Optional<PolicyChain> releases(
            dev.strongroom.proto.v1.Policies unverified,
            ModelName model,
            Digest owner,
            byte[] ownerSpki)
            throws ClientException {
        if (unverified.getRelease().isEmpty()) {
            return Optional.empty();
        }
        var revisions = new ArrayList<PolicyChain.Revision>();
        for (PolicyRevision before : unverified.getReleaseBeforeList()) {
            revisions.add(revision(before.getEnvelope(), before.getApprovals()));
        }
        revisions.add(revision(unverified.getRelease(), unverified.getReleaseApprovals()));
        PolicyChain chain =
                Checks.verified(
                        "the release policy of " + model,
                        NEXT,
                        () -> PolicyChain.verify(revisions, owner, ownerSpki));
        requireOf(chain.inForce(), PolicyReference.Kind.RELEASE, model);
        return Optional.of(chain);
    }

    private static PolicyChain.Revision revision(ByteString envelope, ByteString approvals) {
        return new PolicyChain.Revision(envelope.toByteArray(), approvals.toByteArray());
    }

    private static Optional<VerifiedPolicy> output(
            dev.strongroom.proto.v1.Policies unverified,
            ModelName model,
            Digest owner,
            byte[] ownerSpki)
            throws ClientException {
        byte[] envelope = unverified.getOutput().toByteArray();
        if (envelope.length == 0) {
            return Optional.empty();
        }
        VerifiedPolicy policy =
                Checks.verified(
                        "the output policy of " + model,
                        NEXT,
                        () -> PolicyDocument.verify(Dsse.decode(envelope), owner, ownerSpki));
        requireOf(policy, PolicyReference.Kind.OUTPUT, model);
        return Optional.of(policy);
    }

    private static void requireOf(VerifiedPolicy policy, PolicyReference.Kind kind, ModelName model)
            throws ClientException {
        Checks.require(
                policy.document().kind() == kind && policy.document().scope().equals(model),
                "the " + name(kind) + " policy of " + model + " is of another kind or model",
                NEXT);
    }

    static String name(PolicyReference.Kind kind) {
        return switch (kind) {
            case RELEASE -> "release";
            case OUTPUT -> "output";
        };
    }
}

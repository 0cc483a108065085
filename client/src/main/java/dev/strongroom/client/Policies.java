package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Optional;

/**
 * The policies in force for a model, verified against an owner.
 *
 * @param release empty when none has been set
 * @param output empty when none has been set
 */
record Policies(Optional<VerifiedPolicy> release, Optional<VerifiedPolicy> output) {
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
        var release =
                one(
                        unverified.getRelease().toByteArray(),
                        PolicyReference.Kind.RELEASE,
                        model,
                        owner,
                        ownerSpki);
        var output =
                one(
                        unverified.getOutput().toByteArray(),
                        PolicyReference.Kind.OUTPUT,
                        model,
                        owner,
                        ownerSpki);
        if (release.isPresent()) {
            memory.accept(release.get());
        }
        if (output.isPresent()) {
            memory.accept(output.get());
        }
        return new Policies(release, output);
    }

    private static Optional<VerifiedPolicy> one(
            byte[] envelope,
            PolicyReference.Kind kind,
            ModelName model,
            Digest owner,
            byte[] ownerSpki)
            throws ClientException {
        if (envelope.length == 0) {
            return Optional.empty();
        }
        VerifiedPolicy policy =
                Checks.verified(
                        "the " + name(kind) + " policy of " + model,
                        NEXT,
                        () -> PolicyDocument.verify(Dsse.decode(envelope), owner, ownerSpki));
        Checks.require(
                policy.document().kind() == kind && policy.document().scope().equals(model),
                "the " + name(kind) + " policy of " + model + " is of another kind or model",
                NEXT);
        return Optional.of(policy);
    }

    static String name(PolicyReference.Kind kind) {
        return switch (kind) {
            case RELEASE -> "release";
            case OUTPUT -> "output";
        };
    }
}

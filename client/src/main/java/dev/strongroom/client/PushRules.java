package dev.strongroom.client;

import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.VerifiedPolicy;
import java.io.IOException;
import java.util.Optional;

/** What the owner's policies in force make of a push, by his own signature. */
record PushRules(PolicyDemand release, PolicyDemand output, LeastLevel least) {
    /** Asks the vault for the policies and verifies them. */
    static PushRules fetch(VaultConnection vault, PushRequest request, OwnerKey owner)
            throws ClientException, IOException {
        ModelName model = request.model();
        Policies policies = Policies.fetch(vault, model, owner.keyId(), owner.spki());
        VerifiedPolicy release = require(policies.release(), model);
        VerifiedPolicy output = require(policies.output(), model);
        return new PushRules(
                demand(release),
                demand(output),
                LeastLevel.of(request.requiredLevel(), release.document().body()));
    }

    private static VerifiedPolicy require(Optional<VerifiedPolicy> policy, ModelName model)
            throws ClientException {
        return policy.orElseThrow(() ->
                new ClientException(
                        ClientException.Kind.CONFLICT,
                        model + " has no policy yet",
                        "strongroom policy set " + model + " --release FILE.json"));
    }

    private static PolicyDemand demand(VerifiedPolicy policy) {
        PolicyReference reference = policy.reference();
        return new PolicyDemand(reference.id(), reference.seq());
    }
}

package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.VerifiedPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the policies in force, verified against the profile's owner. Thread-safe. */
public final class PolicyReader {
    private final VaultConnection vault;
    private final EvidenceVerifier verifier;

    /**
     * @param verifier as for {@link ModelCatalog}
     */
    public PolicyReader(VaultConnection vault, EvidenceVerifier verifier) {
        this.vault = vault;
        this.verifier = verifier;
    }

    /**
     * Release policy first; those that have been set.
     *
     * @throws ClientException of kind VERIFICATION_FAILED when one is not the owner's
     */
    public List<VerifiedPolicy> inForce(ModelName model) throws ClientException, IOException {
        Digest owner = vault.profile().requireOwner();
        Policies policies = Policies.fetch(vault, model, owner, ownerSpki(model));
        return Stream.of(policies.release(), policies.output()).flatMap(Optional::stream).toList();
    }

    /**
     * The release policy in force and the revisions before it, at most 64, oldest first.
     *
     * @throws ClientException of kind VERIFICATION_FAILED when one is not the owner's
     */
    public List<VerifiedPolicy> history(ModelName model) throws ClientException, IOException {
        Digest owner = vault.profile().requireOwner();
        return Policies.fetch(vault, model, owner, ownerSpki(model))
                .releases()
                .map(PolicyChain::revisions)
                .orElseGet(List::of);
    }

    /** The owner has the key itself; everybody else learns it from a manifest, by the owner id. */
    private byte[] ownerSpki(ModelName model) throws ClientException, IOException {
        if (Files.exists(vault.profile().ownerKey())) {
            return OwnerKey.load(vault.profile()).spki();
        }
        Manifest manifest = new ModelCatalog(vault, verifier).get(model, 0).manifest().manifest();
        return manifest.ownerSpki();
    }
}

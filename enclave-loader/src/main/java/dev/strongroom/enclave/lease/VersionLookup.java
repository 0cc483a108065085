package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VerifiedAlias;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.ListAliasesResponse;
import java.io.IOException;
import java.time.InstantSource;

/**
 * Asks the vault which versions there are, without a lease and without a key.
 *
 * <p>Thread-safe.
 */
public record VersionLookup(
        VaultLink vault, TrustAnchors anchors, NodeMemory memory, InstantSource clock) {
    /**
     * The version and policies that the vault has, verified to the owner.
     *
     * @param number 0 is the latest
     */
    public Version version(ModelName model, long number, Digest ownerId)
            throws LeaseException, IOException {
        return Version.verify(
                vault.version(model, number),
                ownerId,
                model,
                number,
                memory,
                new EvidenceVerifier(anchors, memory.collateral(), clock),
                clock.instant());
    }

    /**
     * The version that its owner last had an alias mean, as far as the vault shows it; never one
     * that the alias meant before a move that this node saw.
     *
     * @throws LeaseException DENIED if it means none
     */
    public Version version(ModelName model, AliasName alias, Digest ownerId)
            throws LeaseException, IOException {
        VersionId target = target(model, alias, ownerId);
        Version version =
                Version.verify(
                        vault.version(model, target),
                        ownerId,
                        model,
                        0,
                        memory,
                        new EvidenceVerifier(anchors, memory.collateral(), clock),
                        clock.instant());
        Integrity.require(
                version.manifest().content().versionId().equals(target),
                "version: expected id " + target + ", which " + model + "@" + alias + " means");
        return version;
    }

    private VersionId target(ModelName model, AliasName alias, Digest ownerId)
            throws LeaseException, IOException {
        ListAliasesResponse shown = vault.aliases(model);
        Integrity.require(
                shown.getAliasesCount() <= AliasMove.MAX_OF_MODEL,
                "aliases of %s: expected at most %d, got %d"
                        .formatted(model, AliasMove.MAX_OF_MODEL, shown.getAliasesCount()));
        for (ListAliasesResponse.Alias one : shown.getAliasesList()) {
            VerifiedAlias last =
                    Integrity.verified(
                            "alias of " + model,
                            () ->
                                    AliasMove.verify(
                                            Dsse.decode(one.getMove().toByteArray()),
                                            ownerId,
                                            shown.getOwnerSpki().toByteArray()));
            if (last.move().model().equals(model) && last.move().alias().equals(alias)) {
                memory.requireAlias(last);
                return last.move().target().orElseThrow(() -> meansNone(model, alias));
            }
        }
        throw meansNone(model, alias);
    }

    private static LeaseException meansNone(ModelName model, AliasName alias) {
        return new LeaseException(
                LeaseException.Kind.DENIED,
                "%s@%s means no version; its owner sets it with: strongroom model alias set"
                        .formatted(model, alias));
    }
}
